import { recogniseIdr } from '../sources/idr/names';

describe('what IDR recognises', () => {
  it.each([
    ['idr0062', { kind: 'study', accession: 'idr0062' }],
    [' IDR0062A ', { kind: 'study', accession: 'idr0062' }],
    ['idr:0062', { kind: 'study', accession: 'idr0062' }],
    ['https://identifiers.org/idr:0062', { kind: 'study', accession: 'idr0062' }],
    ['idr0062-blin-nuclearsegmentation', { kind: 'study', accession: 'idr0062' }],
    ['idr0062-blin-nuclearsegmentation/experimentA', { kind: 'study', accession: 'idr0062' }],
    ['https://idr.openmicroscopy.org/study/idr0062/', { kind: 'study', accession: 'idr0062' }],
    ['https://idr.openmicroscopy.org/search/?query=Name:idr0062', { kind: 'study', accession: 'idr0062' }],
    ['doi:10.17867/10000117', { kind: 'study', accession: '10.17867/10000117' }],
    ['https://idr.openmicroscopy.org/webclient/?show=screen-102', { kind: 'study', accession: 'screen:102' }],
    ['idr:image:1234', { kind: 'image', id: 'image:1234' }],
    ['idr:plate:0422', { kind: 'image', id: 'plate:422' }],
    ['https://idr.openmicroscopy.org/webclient/?show=image-1234', { kind: 'image', id: 'image:1234' }],
    ['http://idr.openmicroscopy.org/webclient/?show=image-1234|image-5', { kind: 'image', id: 'image:1234' }],
    ['https://idr.openmicroscopy.org/webclient/img_detail/1234/', { kind: 'image', id: 'image:1234' }],
    ['https://idr.openmicroscopy.org/webclient/img_detail/1234/?dataset=5', { kind: 'image', id: 'image:1234' }],
    ['https://idr.openmicroscopy.org/iviewer/?images=1234,5', { kind: 'image', id: 'image:1234' }]
  ])('%s', (text, expected) => {
    expect(recogniseIdr(text)).toEqual(expected);
  });

  it.each([
    '',
    'idr',
    'idr62',
    'idr00623',
    'an idr0062 study',
    '1234',
    '10.6019/S-BIAD1',
    'https://evil.example/study/idr0062/',
    'https://idr.openmicroscopy.org.evil.example/webclient/?show=image-1',
    'ftp://idr.openmicroscopy.org/study/idr0062/',
    'https://idr.openmicroscopy.org/webclient/?show=dataset-5',
    'https://idr.openmicroscopy.org/'
  ])('not %s', text => {
    expect(recogniseIdr(text)).toBeNull();
  });
});
