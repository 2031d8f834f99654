import { Popover as Base } from '@base-ui/react/popover';
import type { ReactNode } from 'react';

/** Something that opens under its button. */
export function Popover({ label, className = 'button', children, title }: { label: ReactNode; className?: string; children: ReactNode; title?: string }) {
  return (
    <Base.Root>
      <Base.Trigger className={className} {...(title ? { 'aria-label': title } : {})}>{label}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="positioner" sideOffset={6} align="end">
          <Base.Popup className="popup">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
