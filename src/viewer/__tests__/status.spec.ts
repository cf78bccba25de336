import { statusAttributes } from '../status';

describe('status attributes', () => {
  const input = { uri: 'u', failed: false, exact: false, damaged: 0, pending: 0, standIn: false };

  it.each([
    [{}, 'loading'],
    [{ exact: true }, 'ready'],
    [{ failed: true, exact: true }, 'failed']
  ])('%j is %s', (change, status) => {
    expect(statusAttributes({ ...input, ...change })['data-status']).toBe(status);
  });

  it('mark a display-only picture and damaged tiles', () => {
    expect(statusAttributes({ ...input, standIn: true, damaged: 3, exact: true })).toMatchObject({ 'data-preview': 'true', 'data-damaged': '3' });
    expect(statusAttributes({ ...input, damaged: 3, failed: true })['data-damaged']).toBeNull();
  });
});
