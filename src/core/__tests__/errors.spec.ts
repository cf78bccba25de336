import { say } from '../say';
import { BioImageError, ERROR_CODES, isAbort, isBioImageError, isErrorCode, toBioImageError } from '..';

describe('BioImageError', () => {
  it.each(ERROR_CODES)('%s has a next step', code => {
    const error = new BioImageError(code, say`It happened.`);
    expect(error.hint).toMatch(/^[A-Z].{10,150}\.$/);
    expect(error).toMatchObject({ code, message: 'It happened.', name: 'BioImageError' });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in error).toBe(false);
  });

  it('keeps what the place of the failure knows', () => {
    const cause = new Error('socket');
    const error = new BioImageError('BUSY', say`Wait.`, {
      hint: say`Wait a minute.`,
      where: 'axes',
      id: '0123abcd',
      cause
    });
    expect(error).toMatchObject({ hint: 'Wait a minute.', where: 'axes', id: '0123abcd', cause });
  });

  it('is narrowed by its code', () => {
    const error: unknown = new BioImageError('BUSY', say`Wait.`);
    expect([isBioImageError(error), isBioImageError(error, 'BUSY'), isBioImageError(error, 'CHANGED')]).toEqual([
      true,
      true,
      false
    ]);
    expect(isBioImageError({ code: 'BUSY', message: 'Wait.' })).toBe(false);
  });

  it('is made of anything', () => {
    const own = new BioImageError('BUSY', say`Wait.`);
    expect(toBioImageError(own)).toBe(own);
    for (const thrown of [new TypeError('x is undefined'), 'text', undefined, null, { code: 'BUSY' }]) {
      const made = toBioImageError(thrown);
      expect(made).toMatchObject({ code: 'INTERNAL', message: 'Something went wrong here.' });
      expect(made.cause).toBe(thrown);
    }
  });

  it('has codes that names of Object.prototype are not', () => {
    expect(['BUSY', 'constructor', '__proto__', 'toString', '', 7, null].map(isErrorCode)).toEqual([
      true,
      ...Array<boolean>(6).fill(false)
    ]);
  });
});

describe('isAbort', () => {
  it.each([
    [new DOMException('gone', 'AbortError'), true],
    [Object.assign(new Error('gone'), { name: 'AbortError' }), true],
    [AbortSignal.abort().reason, true],
    [new DOMException('late', 'TimeoutError'), false],
    [new BioImageError('BUSY', say`Wait.`), false],
    [null, false],
    ['AbortError', false]
  ])('tells %s', (error, expected) => {
    expect(isAbort(error)).toBe(expected);
  });
});
