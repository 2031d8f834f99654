import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';

/** A panel at the side of the page, on a phone all of it. Escape, its button and a click beside it close it. */
export function Sheet({ title, under, close, children, onClose }: { title: string; under?: string; close: string; children: ReactNode; onClose: () => void }) {
  return (
    <Base.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup className="sheet">
          <header><div><Base.Title render={<h2 />}>{title}</Base.Title>{under && <Base.Description className="help">{under}</Base.Description>}</div><Base.Close className="button icon" aria-label={close}>×</Base.Close></header>
          <div className="sheet-body">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
