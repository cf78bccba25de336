import { Anchor } from '../anchor';
import type { ISection } from '../rows';
import { RowList } from '../rows';
import { HEADING, ROW } from '../virtual';

const section = (id: string, count: number): ISection => ({
  id,
  heading: { kind: 'recent' },
  count,
  row: index => ({ key: `${id} ${index}`, kind: 'recent', address: { uri: '', title: '' } })
});
const lists = {
  late: new RowList([section('b', 50)]),
  both: new RowList([section('a', 20), section('b', 50)]),
  more: new RowList([section('a', 20), section('b', 80)])
};
const INSERTED = HEADING + 20 * ROW;

describe('the place of what is looked at', () => {
  let now = 0;
  const box = { scrollTop: 0 };
  const view = { scroll: 0, chosen: null };
  let anchor: Anchor;
  const follow = (list: RowList, serial = 1, isSettled = true): void =>
    anchor.follow(box, list, view, serial, 400, isSettled);
  const scrollTo = (list: RowList, top: number): void => {
    box.scrollTop = top;
    anchor.scrolled(box, list, view);
  };
  beforeEach(() => {
    now = 0;
    box.scrollTop = view.scroll = 0;
    anchor = new Anchor(() => now);
  });

  it('stays when rows are inserted above it, and says that they are there until they have been seen', () => {
    follow(lists.late);
    scrollTo(lists.late, 333);
    follow(lists.both);
    expect([box.scrollTop, view.scroll, anchor.isAbove]).toEqual([333 + INSERTED, 333 + INSERTED, true]);
    follow(lists.more);
    expect(box.scrollTop).toBe(333 + INSERTED);
    scrollTo(lists.more, 0);
    expect(anchor.isAbove).toBe(false);
  });

  it('stays at the top too once it has stood for a while, or has been touched', () => {
    follow(lists.late);
    now = 1001;
    follow(lists.both);
    expect(box.scrollTop).toBe(INSERTED);
    anchor = new Anchor(() => now);
    box.scrollTop = view.scroll = 0;
    follow(lists.late);
    anchor.touch();
    follow(lists.both);
    expect(box.scrollTop).toBe(INSERTED);
  });

  it('is still given up by answers that come almost together', () => {
    follow(lists.late);
    now = 900;
    follow(lists.both);
    expect([box.scrollTop, anchor.isAbove]).toEqual([0, false]);
  });

  it('begins at the top for another question', () => {
    follow(lists.both);
    scrollTo(lists.both, 500);
    view.scroll = 0;
    follow(lists.late, 2);
    expect([box.scrollTop, view.scroll]).toEqual([0, 0]);
  });

  it('comes back to where it stood once the list is long enough, or no more rows come', () => {
    view.scroll = 1500;
    follow(new RowList([]), 1, false);
    expect(anchor.scrolled(box, new RowList([]), view)).toBe(false);
    expect(view.scroll).toBe(1500);
    follow(lists.late, 1, false);
    expect([box.scrollTop, view.scroll]).toEqual([1500, 1500]);

    anchor = new Anchor(() => now);
    view.scroll = 99_999;
    follow(lists.late, 1, false);
    expect(box.scrollTop).toBe(0);
    follow(lists.late, 1, true);
    expect(box.scrollTop).toBe(lists.late.height - 400);
  });
});
