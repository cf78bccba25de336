import { Turns } from '..';

const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

/** A task that runs until it is told to end; `begun` lists those that have begun. */
function makeTasks() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise(resolve => ends.set(name, () => resolve(name)));
  };
  return { begun, task, end: (name: string) => ends.get(name)?.() };
}

describe('turns', () => {
  it('run so many at a time and the others in the order they came, key by key', async () => {
    const { begun, task, end } = makeTasks();
    const turns = new Turns(2);
    const { signal } = new AbortController();
    const all = ['a', 'b', 'c', 'd'].map(name => turns.run('one', task(name), signal));
    const other = turns.run('two', task('x'), signal);
    await settle();
    expect(begun).toEqual(['a', 'b', 'x']);
    end('b');
    await settle();
    expect(begun).toEqual(['a', 'b', 'x', 'c']);
    ['a', 'c', 'x'].forEach(end);
    await settle();
    end('d');
    await expect(Promise.all([...all, other])).resolves.toEqual(['a', 'b', 'c', 'd', 'x']);
  });

  it('never begin a task that is no longer wanted, and go on behind it', async () => {
    const { begun, task, end } = makeTasks();
    const turns = new Turns(1);
    const gone = new AbortController();
    const { signal } = new AbortController();
    const first = turns.run('one', task('a'), signal);
    const left = turns.run('one', task('b'), gone.signal);
    const last = turns.run('one', task('c'), signal);
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    end('a');
    await first;
    await settle();
    expect(begun).toEqual(['a', 'c']);
    end('c');
    await last;
  });

  it('give the place up where a task fails', async () => {
    const turns = new Turns(1);
    const { signal } = new AbortController();
    await expect(turns.run('one', () => Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    await expect(turns.run('one', () => Promise.resolve('yes'), signal)).resolves.toBe('yes');
  });
});
