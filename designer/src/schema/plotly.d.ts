declare module 'plotly.js-cartesian-dist-min' {
  const Plotly: { newPlot(target: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<unknown> };
  export default Plotly;
}
