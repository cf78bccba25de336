import { execFileSync } from 'node:child_process';

import { ADDRESS, CELLS, imageDragData, studyDragData, TAB } from '../dragdata';
import { shellWord } from '../terminals';

const HOSTILE = [
  'https://a.example/x.zarr',
  "images/it's here.zarr",
  'a b/$(touch pwned).zarr',
  '`id`.zarr',
  '-rf.zarr',
  'x.zarr; rm -rf ~',
  'x\nrm -rf ~.zarr',
  'x\u001b[201~.zarr',
  '"quoted" \\ back.zarr',
  '!history.zarr'
];

describe('an address on a terminal', () => {
  it.each(HOSTILE)('is one word that the shell does not touch: %j', address => {
    const word = shellWord(address);
    expect(Array.from(word).some(one => one < ' ')).toBe(false);
    const seen = execFileSync('sh', ['-c', `for one in ${word}; do printf '%s|' "$one"; done`], { encoding: 'utf8' });
    // eslint-disable-next-line no-control-regex -- control characters are what is left out
    const plain = address.replace(/[\u0000-\u001f]/g, '');
    expect(seen).toBe(`${plain.startsWith('-') ? './' : ''}${plain}|`);
  });
});

describe('what is dragged', () => {
  const tab = jest.fn();

  it('is the code as soon as it is there, and the address as a value before', async () => {
    let made: (code: string) => void = () => undefined;
    const code = new Promise<string>(resolve => (made = resolve));
    const data = imageDragData('store:samples/x\ny.zarr', code, tab);
    expect(data['text/plain']()).toBe('uri = "store:samples/x\\ny.zarr"\n');
    made('image = 1');
    await code;
    expect(data['text/plain']()).toBe('image = 1');
    expect(data[CELLS]()).toEqual([{ cell_type: 'code', source: 'image = 1', metadata: { trusted: true } }]);
    expect(data[ADDRESS]()).toBe('store:samples/x\ny.zarr');
    // what makes the tab, not the tab: that is for who takes it in
    expect(data[TAB]()).toBe(tab);
  });

  it('stays the address where no code can be made', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const data = imageDragData('x.zarr', Promise.reject(new Error('no metadata')), tab);
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(String(data['text/plain']())).toContain('x.zarr');
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('is the page of a study', () => {
    expect(studyDragData('https://hub/lab?bioimage=A')[ADDRESS]()).toBe('https://hub/lab?bioimage=A');
  });
});
