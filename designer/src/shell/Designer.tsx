import { useSite } from '../runtime/site.tsx';

/** The designer's shell: empty until the designer issue fills it. */
export function Designer() {
  const { t } = useSite();
  return <><div className="head"><h1>{t('designer.title')}</h1></div><div className="card empty"><p>{t('designer.soon')}</p></div></>;
}
