import { Combobox } from '@base-ui/react/combobox';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, query } from '../backend/client.ts';
import type { Candidate, Reference } from '../backend/types.ts';

interface Props { id: string; form: string; value: Reference | null; wrong: boolean; disabled: boolean; words: { choose: string; nothing: string; clear: string }; onChange: (value: Reference | null) => void; describedBy?: string | undefined; label: string }

/** Chooses a record of a form: type any part of its code or name. */
export function ReferenceBox({ id, form, value, wrong, disabled, words, onChange, describedBy, label }: Props) {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ['lookup', form, text], enabled: open, staleTime: 10_000, placeholderData: (before) => before,
    queryFn: () => api<{ found: Candidate[] }>(`/forms/${form}/lookup${query({ text, limit: 20 })}`),
  });
  const items: Reference[] = (found.data?.found ?? []).map((c) => ({ id: c.id, title: c.title, scope: c.scope }));
  return (
    <Combobox.Root items={items} value={value} filter={null} open={open} onOpenChange={setOpen} disabled={disabled}
      itemToStringLabel={(item: Reference) => item.title} isItemEqualToValue={(a: Reference, b: Reference) => a.id === b.id}
      onInputValueChange={(next, details) => { if (details.reason === 'input-change') setText(next); else setText(''); }}
      onValueChange={(next) => onChange(next)}>
      <div className="combo">
        <Combobox.Input id={id} className={`input${wrong ? ' wrong' : ''}`} placeholder={words.choose} autoComplete="off" aria-invalid={wrong} aria-describedby={describedBy} aria-label={label} />
        {value && !disabled && <Combobox.Clear className="clear" aria-label={words.clear}>×</Combobox.Clear>}
      </div>
      <Combobox.Portal>
        <Combobox.Positioner className="positioner" sideOffset={4}>
          <Combobox.Popup className="popup">
            {!found.isLoading && <Combobox.Empty><div className="option">{items.length === 0 ? words.nothing : ''}</div></Combobox.Empty>}
            <Combobox.List>{(item: Reference) => <Combobox.Item key={item.id} value={item} className="option">{item.title}</Combobox.Item>}</Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
