import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestKeys } from '../backend/client.ts';
import type { FiringInfo, FormInfo, HistoryEntry, ProblemInfo } from '../backend/types.ts';
import { FormStore, overridable } from '../renderer/FormStore.ts';
import { pieces } from './ruleWords.ts';
import { commentOf, commentator, ruleOf, timeline } from './timeline.ts';

const entry = (action: string, at: string, changes: HistoryEntry['changes'] = {}): HistoryEntry => ({ action, at, by: 'Bo', via: 'web', changes });
const firing = (rule: string, at: string, did: string[] = []): FiringInfo => ({ rule, form: 'f', event: 'created', phase: 'before', record: '1', at, by: 'Bo', values: {}, did });
const problem = (code: string, more: Partial<ProblemInfo> = {}): ProblemInfo => ({ code, pointer: '', title: 't', hint: 'h', ways: [], ...more });
const warning = (rule: string): ProblemInfo => problem('actions.rule_warns', { pointer: '/n', params: { rule }, ways: ['accept'] });
const n = { name: 'n', type: 'text', label: { en: 'n' }, help: null, unique: false, required: false, readonly: false, visible: null, computed: null, default: null, options: {}, may_write: true };
const form: FormInfo = {
  name: 'f', label: { en: 'f' }, key: null, fields: [n, { ...n, name: 'other' }], checks: [], states: [], actions: [], layout: [], list: { columns: [], sort: [] }, search: [],
  may: { create: true, change: true, delete: true, actions: [] }, currency: 'CNY', revalues: [] };
const around = { actor: { id: '1' }, today: '2026-01-31', editable: true, say: () => 'required', words: () => '' };

test('a firing stands with the change it was part of, a comment above its change, what is left by its time', () => {
  const create = entry('create', '2026-01-01T00:00:00.5Z');
  const comment = entry('comment', '2026-01-01T00:00:00.5Z', { '': [null, { en: 'Well.' }] });
  const byRule = entry('rule later', '2026-01-01T00:00:00.500001Z');
  const told = timeline([byRule, create, comment], [firing('alone', '2026-01-01T00:00:01Z'), firing('later', '2026-01-01T00:00:00.500001Z'), firing('first', '2026-01-01T00:00:00.5Z', ['comment'])]);
  assert.deepEqual(told.map((m) => [m.entry?.action ?? null, m.firings.map((f) => f.rule)]), [[null, ['alone']], ['rule later', ['later']], ['comment', []], ['create', ['first']]]);
  assert.deepEqual(commentOf(comment), { en: 'Well.' });
  assert.equal(commentOf(create), null);
  assert.equal(ruleOf(byRule), 'later');
  assert.equal(commentator(comment, [firing('first', comment.at, ['comment']), firing('other', comment.at, ['n = 1'])]), 'first');
  assert.equal(commentator(comment, [firing('a', comment.at, ['comment']), firing('b', comment.at, ['comment'])]), null, 'two may have written it');
});

test('warnings may be overridden only when they are all that stands in the way', () => {
  assert.deepEqual(overridable([warning('a'), warning('b'), warning('a')]), ['a', 'b']);
  assert.deepEqual(overridable([warning('a'), problem('actions.rule_refuses')]), []);
  assert.deepEqual(overridable([problem('actions.rule_warns_all', { params: { rule: 'a' } })]), []);
  assert.deepEqual(overridable([]), []);
});

test('an edit withdraws the offer to override but leaves what was told of other fields; closing keeps the values', () => {
  const store = new FormStore(form, null, around);
  store.set('/n', '5');
  store.refuse([warning('a')]);
  assert.deepEqual(store.get().overridable, ['a']);
  assert.equal(store.warnsAt('/n'), true);
  assert.equal(store.problemAt('/n'), 't', 'the way out stands on top, not at the field');
  store.set('/other', 'x');
  assert.deepEqual([store.get().overridable, store.problemAt('/n')], [[], 't']);
  store.dismiss();
  assert.deepEqual([store.get().server, store.get().values['n'], store.get().dirty], [[], '5', true]);
});

test('a request without an answer keeps its key; another body and an answered one get another', () => {
  const keys = new RequestKeys();
  const first = keys.of({ values: { n: 1 } });
  assert.equal(keys.of({ values: { n: 1 } }), first);
  const accepted = keys.of({ values: { n: 1 }, accept: ['a'] });
  assert.notEqual(accepted, first);
  keys.answered();
  assert.notEqual(keys.of({ values: { n: 1 }, accept: ['a'] }), accepted);
});

test('a line of rule text is told apart without losing a character', () => {
  for (const line of ['  set note to "a \\"b\\" c" + "d"', '// a word', 'then', '', '当 进入 open 时']) assert.equal(pieces(line).map((p) => p.text).join(''), line);
  assert.deepEqual(pieces('rule "x"').map((p) => p.kind), ['word', 'plain', 'string']);
});
