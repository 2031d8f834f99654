import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionInfo, FormInfo, RecordInfo } from '../backend/types.ts';
import { decisionMayRevalue, mayRevalue, worthTelling } from './revaluing.ts';

const form = { states: [{ name: 'draft' }, { name: 'posted' }], revalues: [{ on: 'state:posted', day: 'day' }, { on: 'state:undone', day: null }] } as unknown as FormInfo;
const record = {} as RecordInfo;
const to = (state: string) => ({ to: state }) as ActionInfo;
const asks = (action: ActionInfo | null, day: string | null, stored: RecordInfo | null = record, of = form): boolean =>
  mayRevalue({ form: of, record: stored, action, values: { day } }, '2026-03-20', 'Asia/Shanghai');

test('only what posts, and only with a day that is past', () => {
  assert.equal(asks(to('posted'), '2026-03-19'), true);
  assert.equal(asks(to('posted'), '2026-03-20'), false);
  assert.equal(asks(to('posted'), null), false, 'no day is today');
  assert.equal(asks(to('approved'), '2026-03-01'), false);
  assert.equal(asks(null, '2026-03-01'), false, 'saving a draft posts nothing');
  assert.equal(asks(to('undone'), '2026-03-20'), true, 'some change costs whatever their day');
});

test('a new record posts what being created posts, and what a rule may post counts always', () => {
  const created = { ...form, revalues: [{ on: 'created', day: 'day' }] };
  assert.equal(asks(null, '2026-03-19', null, created), true);
  assert.equal(asks(null, '2026-03-19', record, created), false);
  assert.equal(asks(to('approved'), '2026-03-19', record, { ...form, revalues: [{ on: 'rule:late', day: 'day' }] }), true);
});

test('an instant counts by its day where the site is', () => {
  assert.equal(asks(to('posted'), '2026-03-19T17:00:00Z'), false, 'already the 20th in Shanghai');
  assert.equal(asks(to('posted'), '2026-03-19T15:00:00Z'), true);
});

test('a decision may lead to any event, but to a new record', () => {
  const decided = (day: string, of = form): boolean => decisionMayRevalue(of, { day }, '2026-03-20', 'Asia/Shanghai');
  assert.equal(decided('2026-03-20', { ...form, revalues: [form.revalues[0]!] }), false);
  assert.equal(decided('2026-03-19', { ...form, revalues: [form.revalues[0]!] }), true);
  assert.equal(decided('2026-03-20'), true, 'some change costs whatever their day');
  assert.equal(decided('2026-03-19', { ...form, revalues: [{ on: 'created', day: 'day' }] }), false);
});

test('nothing is told where nothing changes', () => {
  const costs = { recosted: 'goods', records: 0, changed: '0', closed: 0, complete: true };
  assert.deepEqual(worthTelling([costs, { ...costs, records: 2 }]).map((c) => c.records), [2]);
  assert.equal(worthTelling([{ ...costs, complete: false }]).length, 1);
});
