import { distinct } from '../text';

describe('equal names', () => {
  it('are numbered from the second on', () => {
    expect(distinct(['DAPI', 'DAPI', 'GFP', 'DAPI'])).toEqual(['DAPI', 'DAPI (2)', 'GFP', 'DAPI (3)']);
  });

  it('do not take a name that another has', () => {
    expect(distinct(['a', 'a', 'a (2)'])).toEqual(['a', 'a (3)', 'a (2)']);
  });
});
