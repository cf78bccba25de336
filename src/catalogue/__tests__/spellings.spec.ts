import { doiOf, orcidOf, studyOfDoi } from '../doi';
import { formatOf, zarrRoot } from '../formats';
import { licenceOf } from '../licence';
import { questionOf } from '../question';

const BY4 = { text: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' };
const CC0 = { text: 'CC0 1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' };

describe('a licence', () => {
  it.each([
    ['CC BY 4.0', undefined, BY4],
    ['CC-BY 4.0', undefined, BY4],
    ['cc_by_4.0', undefined, BY4],
    ['https://creativecommons.org/licenses/by/4.0/legalcode', undefined, BY4],
    ['CC BY 4.0 https://creativecommons.org/licenses/by/4.0/', undefined, BY4],
    ['Creative Commons Attribution 4.0 International', undefined, BY4],
    ['CC BY', 'https://creativecommons.org/licenses/by/4.0/legalcode', BY4],
    ['CC BY 3.0', undefined, { text: 'CC BY 3.0', url: 'https://creativecommons.org/licenses/by/3.0/' }],
    ['CC0', 'https://creativecommons.org/publicdomain/zero/1.0/legalcode', CC0],
    ['CC0 1.0 Universal', undefined, CC0],
    ['https://creativecommons.org/publicdomain/zero/1.0/', undefined, CC0],
    ['Creative Commons Zero', undefined, CC0],
    ['Public Domain Dedication and License', undefined, { text: 'Public Domain Dedication and License' }],
    ['free with attribution, zero cost', undefined, { text: 'free with attribution, zero cost' }],
    [
      'CC BY-NC-SA 3.0',
      undefined,
      { text: 'CC BY-NC-SA 3.0', url: 'https://creativecommons.org/licenses/by-nc-sa/3.0/' }
    ],
    [
      'CC BY-NC SA 3.0',
      undefined,
      { text: 'CC BY-NC-SA 3.0', url: 'https://creativecommons.org/licenses/by-nc-sa/3.0/' }
    ],
    [
      'Attribution-NonCommercial-ShareAlike 4.0 International',
      undefined,
      { text: 'CC BY-NC-SA 4.0', url: 'https://creativecommons.org/licenses/by-nc-sa/4.0/' }
    ],
    ['CC BY-ND', undefined, { text: 'CC BY-ND' }],
    ['EMBL terms', 'https://a.example/terms', { text: 'EMBL terms', url: 'https://a.example/terms' }],
    [
      'see https://a.example/terms for it',
      undefined,
      { text: 'see https://a.example/terms for it', url: 'https://a.example/terms' }
    ],
    ['EMBL terms', 'javascript:alert(1)', { text: 'EMBL terms' }],
    [null, 'https://a.example/terms', { text: 'https://a.example/terms', url: 'https://a.example/terms' }],
    ['', undefined, undefined],
    [{}, 3, undefined]
  ])('%j with the link %j is %j', (text, url, expected) => {
    expect(licenceOf(text, url)).toEqual(expected);
  });
});

describe('a DOI', () => {
  it.each([
    ['10.6019/S-BIAD1', '10.6019/S-BIAD1'],
    ['https://doi.org/10.1002/cyto.a.20714', '10.1002/cyto.a.20714'],
    ['https://doi.org/DOI: 10.26508/lsa.202403067', '10.26508/lsa.202403067'],
    ['https://doi.org/10.6019%2FS-BIAD1', '10.6019/S-BIAD1'],
    ['(doi:10.1000/182).', '10.1000/182'],
    ['10.1016/S0092-8674(00)80445-5', '10.1016/S0092-8674(00)80445-5'],
    ['11.1000/182', undefined],
    [undefined, undefined],
    [['10.1000/182'], undefined]
  ])('in %j is %j', (text, expected) => {
    expect(doiOf(text)).toBe(expected);
  });

  it('of the BioImage Archive names a study', () => {
    expect(studyOfDoi('https://doi.org/10.6019/s-biad1492')).toBe('S-BIAD1492');
    expect(studyOfDoi('10.1000/S-BIAD1492')).toBeUndefined();
  });
});

describe('an ORCID iD', () => {
  it.each([
    ['0000-0002-0456-6912', '0000-0002-0456-6912'],
    ['https://orcid.org/0000-0002-6768-609x/', '0000-0002-6768-609X'],
    ['00000000-0002-6768-6091', undefined],
    ['unknown', undefined]
  ])('in %j is %j', (text, expected) => {
    expect(orcidOf(text)).toBe(expected);
  });
});

describe('a question', () => {
  it.each([
    ['  light\n\tsheet ', 'light sheet'],
    ['a\u0000b\u007f', 'ab'],
    ['\u0007', ''],
    [`${'x'.repeat(499)}\u{1f52c}`, 'x'.repeat(499)],
    ['half \ud800', 'half'],
    ['\u{1f52c} 測定', '\u{1f52c} 測定'],
    ['y'.repeat(1_000_000), 'y'.repeat(500)]
  ])('%# has nothing in it that an address could not hold', (text, question) => {
    expect(questionOf(text)).toBe(question);
  });
});

describe('the name of a file', () => {
  it.each([
    ['a/b.ome.zarr', 'zarr', 'ome.zarr'],
    ['B.ZARR', 'zarr', 'zarr'],
    ['a.ome.zarr.zip', 'zip', 'ome.zarr.zip'],
    ['a.zarr.zip', 'zip', 'zarr.zip'],
    ['a.ozx', 'zip', 'ozx'],
    ['a/b.OME.TIFF', 'tiff', 'ome.tiff'],
    ['slide.svs', 'tiff', 'svs'],
    ['a.czi', 'convertible', 'czi'],
    ['a.nii.gz', 'convertible', 'nii.gz'],
    ['slice_z=6.9um.tif', 'tiff', 'tif'],
    ['a.constructor', undefined, undefined],
    ['a.csv', undefined, undefined],
    ['tif', undefined, undefined],
    ['a.tif/notes.txt', undefined, undefined],
    ['.zarr', undefined, undefined],
    ['', undefined, undefined]
  ])('%j is %j of the format %j', (path, kind, format) => {
    const found = formatOf(path);
    expect([found?.kind, found?.format]).toEqual([kind, format]);
    expect(found?.reason === undefined).toBe(kind !== 'convertible');
  });

  it.each([
    ['a/b.zarr/0/.zarray', 'a/b.zarr'],
    ['a/b.ome.zarr', 'a/b.ome.zarr'],
    ['p.zarr/A/1/0/x.zarr/0', 'p.zarr'],
    ['a/b.zarr.zip', undefined],
    ['a/.zarr/x', undefined]
  ])('in %j the Zarr is %j', (path, root) => {
    expect(zarrRoot(path)).toBe(root);
  });
});
