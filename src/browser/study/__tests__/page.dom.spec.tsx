import { BioImageError } from '../../../core';
import { Archive, image, study } from './archive';
import { Bench } from './bench';

const FULL = study({
  title: 'Light sheets of <b>fish</b>',
  released: '2023-05-01',
  licence: { text: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
  page: 'https://archive.example/S-1',
  doi: '10.6019/S-1',
  images: 5,
  viewable: 2,
  files: 240,
  bytes: 530e9,
  abstract: '<p>Fish <i>swim</i>.</p><script>alert(1)</script>',
  people: Array.from({ length: 9 }, (_, index) => ({
    name: `Author ${index}`,
    ...(index === 0 ? { orcid: '0000-0002-0456-6912', affiliation: 'Institute' } : {})
  })),
  keywords: ['zebrafish', 'light sheet'],
  publications: [{ title: 'How fish swim', doi: '10.1000/182', year: '2022' }, { title: 'In PubMed', pubmed: '123' }],
  datasets: [
    { id: 'd1', title: 'Embryos', images: 3, viewable: 2, files: 200, bytes: 500e9 },
    { id: 'd2', title: 'Adults', images: 2, viewable: 0, exact: false }
  ],
  attributes: [{ name: 'Organism', value: 'Danio rerio', url: 'https://a.example/7955' }],
  notices: ['The field “Licence” was odd.']
});
const IMAGES = [
  image('fish one', { dataset: 'd1', version: '0.4', size: { x: 512, y: 256, z: 30, c: 2, t: 1 }, bytes: 1234567 }),
  image('plate', { dataset: 'd1', kind: 'plate' }),
  image('raw', { dataset: 'd2', uri: '', viewable: false, convertible: true, reason: 'TIFF, not OME-Zarr', page: 'https://a.example/raw' }),
  image('gone', { dataset: 'd2', viewable: false, reason: 'moved or removed', formerUri: 'https://old.example/gone.zarr' })
];
const FILES = [
  { path: 'a/b/fish.zarr', kind: 'folder' as const, image: IMAGES[0], dataset: 'd1' },
  { path: 'a/b', kind: 'folder' as const },
  { path: 'a/notes.txt', kind: 'file' as const, bytes: 999_999, uri: 'https://a.example/notes.txt' }
];

describe('the page of a study', () => {
  let bench: Bench;
  const make = (content = { study: FULL, images: IMAGES, files: FILES }, host = {}): Bench => {
    bench = new Bench({ source: new Archive(content), accession: 'S-1' }, host);
    return bench;
  };
  afterEach(() => bench.dispose());

  it('says what the study is, and begins at its title', async () => {
    await make().show();
    const title = bench.all('h2')[0];
    expect(title.textContent).toBe('Light sheets of <b>fish</b>');
    expect(document.activeElement).toBe(title);
    expect(bench.all('.jp-BioImageStudy-facts').map(node => node.textContent)).toEqual([
      'Archive · S-1 · 2023-05-01 · CC BY 4.0',
      '2 of 5 images can be viewed'
    ]);
    expect(bench.all('button')[0].textContent).toBe('Back');
    expect(bench.all('[role="tab"]').map(node => node.textContent)).toEqual(['Images (5)', 'Files (240)', 'About']);
  });
});
