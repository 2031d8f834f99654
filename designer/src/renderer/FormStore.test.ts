import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldInfo, FormInfo } from '../backend/types.ts';
import { group } from '../i18n/i18n.ts';
import { type Chip, filterText } from '../runtime/filters.ts';
import { FormStore } from './FormStore.ts';
import { step, typed } from './numbers.ts';

const field = (name: string, type: string, more: Partial<FieldInfo> = {}): FieldInfo => ({
  name, type, label: { en: name }, help: null, unique: false, required: false, readonly: false, visible: null, computed: null, default: null, options: {}, may_write: true, ...more });
const form = (fields: FieldInfo[], checks: FormInfo['checks'] = []): FormInfo => ({
  name: 'f', label: { en: 'f' }, key: null, fields, checks, states: [], actions: [], layout: [], list: { columns: [], sort: [] }, search: [],
  may: { create: true, change: true, delete: true, actions: [] }, currency: 'CNY', revalues: [] });
const around = { actor: { id: '1' }, today: '2026-01-31', editable: true, say: () => 'required', words: (t: Readonly<Record<string, string>>) => t['en'] ?? '' };
const product = ['op', '*', ['name', 'quantity'], ['name', 'price']] as const;

test('computed fields follow what is typed, rounded half-even as stored', () => {
  const lines = field('lines', 'lines', { fields: [field('quantity', 'quantity', { options: { decimals: 3 } }), field('price', 'money'), field('amount', 'money', { computed: [...product], may_write: false })] });
  const total = field('total', 'money', { computed: ['call', 'sum', [['path', ['name', 'lines'], 'amount']]], may_write: false });
  const store = new FormStore(form([lines, total]), null, around);
  store.addLine('lines');
  store.set('/lines/0/quantity', '3');
  store.set('/lines/0/price', '0.335');
  assert.equal((store.get().values['lines'] as { amount: string }[])[0]!.amount, '1');
  assert.equal(store.get().values['total'], '1');
  assert.deepEqual(store.sent(), { lines: [{ quantity: '3', price: '0.335' }] });
});

test('required and checks are told once one tries, visible ones at once', () => {
  const store = new FormStore(form(
    [field('kind', 'text'), field('reason', 'text', { required: ['cmp', '=', ['name', 'kind'], ['str', 'other']], visible: ['cmp', '=', ['name', 'kind'], ['str', 'other']] }), field('n', 'integer')],
    [{ name: 'c', that: ['cmp', '>', ['name', 'n'], ['num', '0']], at: 'n', lines: null, message: { en: 'above zero' } }]), null, around);
  assert.equal(store.get().states['/reason']!.visible, false);
  store.set('/kind', 'other');
  assert.equal(store.get().states['/reason']!.visible, true);
  assert.equal(store.problemAt('/reason'), null);
  assert.equal(store.attempt(), '/reason');
  assert.equal(store.problemAt('/reason'), 'required');
  store.set('/n', '0');
  assert.equal(store.problemAt('/n'), 'above zero');
  store.set('/n', '-');
  assert.equal(store.problemAt('/n'), null, 'half a number decides nothing');
});

test('what the server refused stands at its place until the value changes', () => {
  const store = new FormStore(form([field('code', 'text')]), null, around);
  store.refuse([{ code: 'forms.value_taken', pointer: '/code', title: 'Taken.', hint: 'Use another.', ways: [] }]);
  assert.equal(store.problemAt('/code'), 'Taken. Use another.');
  store.set('/code', 'b');
  assert.equal(store.problemAt('/code'), null);
});

test('a rule about a part that was not sent decides nothing', () => {
  const store = new FormStore(form([field('place', 'reference', { options: { form: 'p' } })], [{ name: 'c', that: ['cmp', '=', ['path', ['name', 'place'], 'code'], ['str', 'x']], at: 'place', lines: null, message: { en: 'no' } }]), null, around);
  store.set('/place', { id: '7', title: 't' });
  assert.equal(store.attempt(), null);
  store.set('/place', { id: '7', title: 't', scope: { code: ['str', 'y'] } });
  assert.equal(store.problemAt('/place'), 'no');
});

test('numbers stay text: grouped, typed and stepped without a float', () => {
  assert.equal(group('12345678901234567890.5'), '12,345,678,901,234,567,890.5');
  assert.equal(group('-1234'), '-1,234');
  assert.equal(typed('１，２３４．５'), '1234.5');
  assert.equal(step('0.1', 1), '1.1');
  assert.equal(step('', -1), '0');
});

test('filter chips become conditions, and never more than they say', () => {
  const fields = [field('name', 'text'), field('数量', 'quantity'), field('day', 'date')];
  const chips: Chip[] = [{ field: 'name', operator: 'contains', value: 'a" or true or "' }, { field: '数量', operator: 'more', value: '5' }, { field: 'day', operator: 'less', value: '2026-01-31' }];
  assert.equal(filterText(chips, fields), 'contains(name, "a\\" or true or \\"") and 数量 > 5 and day < @"2026-01-31"');
  assert.equal(filterText([{ field: '数量', operator: 'more', value: '1 or true' }], fields), '');
});
