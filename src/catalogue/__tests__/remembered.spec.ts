import { Remembered } from '../remembered';

const { signal } = new AbortController();

describe('the last few answers', () => {
  it('are made once, and the oldest goes first', async () => {
    const answers = new Remembered<string>(2);
    const make = jest.fn((key: string) => () => Promise.resolve(key.toUpperCase()));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) {
      const made = make(key);
      expect(await answers.get(key, made, signal)).toBe(key.toUpperCase());
    }
    const counted = jest.fn(() => Promise.resolve('again'));
    // `b` was dropped for `c`, and `c` for `b`.
    expect(await answers.get('a', counted, signal)).toBe('A');
    expect(await answers.get('c', counted, signal)).toBe('again');
    answers.forget('a');
    expect(await answers.get('a', counted, signal)).toBe('again');
    expect(counted).toHaveBeenCalledTimes(2);
  });

  it('are no failures: the next caller tries again', async () => {
    const answers = new Remembered<number>(2);
    const make = jest.fn<Promise<number>, []>().mockRejectedValueOnce(new Error('down')).mockResolvedValue(7);
    await expect(answers.get('a', make, signal)).rejects.toThrow('down');
    expect(await answers.get('a', make, signal)).toBe(7);
  });

  it('are made anew when they are too old, by what is said at that moment, and shared while they are made', async () => {
    let [age, time] = [Infinity, 1000];
    jest.spyOn(Date, 'now').mockImplementation(() => time);
    const answers = new Remembered<number>(2, () => age);
    let made = 0;
    const get = (): Promise<number> => answers.get('a', () => Promise.resolve(++made), signal);
    expect(await get()).toBe(1);
    time += 1e9;
    expect(await get()).toBe(1);
    age = 500;
    expect(await Promise.all([get(), get()])).toEqual([2, 2]);
    time += 400;
    expect(await get()).toBe(2);
    time += 101;
    expect(await get()).toBe(3);
    jest.restoreAllMocks();
  });

  it('are made for those who stay, and given up when all have gone', async () => {
    const answers = new Remembered<number>(2);
    const [first, second] = [new AbortController(), new AbortController()];
    let own: AbortSignal | undefined;
    const make = (given: AbortSignal): Promise<number> => {
      own = given;
      return new Promise((_resolve, reject) => {
        given.addEventListener('abort', () => reject(given.reason as Error));
      });
    };
    const [one, two] = [answers.get('a', make, first.signal), answers.get('a', make, second.signal)];
    first.abort(new DOMException('gone', 'AbortError'));
    await expect(one).rejects.toThrow('gone');
    expect(own?.aborted).toBe(false);
    second.abort(new DOMException('gone too', 'AbortError'));
    await expect(two).rejects.toThrow('gone too');
    expect(own?.aborted).toBe(true);
    expect(await answers.get('a', () => Promise.resolve(1), signal)).toBe(1);
  });
});
