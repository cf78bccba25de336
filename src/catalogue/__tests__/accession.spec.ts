import { accessionIn, isImageStudy } from '../accession';
import { memoryEnvironment, memoryRelay } from '../memory';
import { bia } from '../sources/bia';
import { biostudies } from '../sources/biostudies';
import { BioStudiesSource } from '../sources/biostudies/source';

describe('the name of a study', () => {
  it.each([
    ['S-BIAD1492', 'S-BIAD1492'],
    [' s-biad1492 ', 'S-BIAD1492'],
    ['S-BSST744', 'S-BSST744'],
    ['S-BSMS4', 'S-BSMS4'],
    ['empiar-10326', 'EMPIAR-10326'],
    ['10.6019/S-BIAD1492', 'S-BIAD1492'],
    ['https://doi.org/10.6019/S-BIAD1492', 'S-BIAD1492'],
    ['https://www.ebi.ac.uk/biostudies/studies/S-BIAD1492', 'S-BIAD1492'],
    ['https://www.ebi.ac.uk/biostudies/bioimages/studies/S-BIAD1492?query=cells#files', 'S-BIAD1492'],
    ['https://www.ebi.ac.uk/biostudies/BioImages/studies/S-BIAD1492/', 'S-BIAD1492'],
    ['https://www.ebi.ac.uk/bioimage-archive/galleries/S-BIAD1492.html', 'S-BIAD1492'],
    ['https://www.ebi.ac.uk/empiar/EMPIAR-10326/', 'EMPIAR-10326'],
    ['https://identifiers.org/biostudies:S-BIAD1492', 'S-BIAD1492'],
    ['https://evil.example/ebi.ac.uk/S-BIAD1492', undefined],
    ['https://ebi.ac.uk.evil.example/studies/S-BIAD1492', undefined],
    ['S-BIAD', undefined],
    ['S-BIAD1492 zebrafish', undefined],
    ['idr0062', undefined],
    ['', undefined],
    ['a'.repeat(1_000_000), undefined]
  ])('in %.80j is %j', (text, accession) => {
    expect(accessionIn(text)).toBe(accession);
    expect(new BioStudiesSource(memoryRelay({}).relay).recognise(text)).toEqual(
      accession === undefined ? null : { kind: 'study', accession }
    );
  });

  it('tells studies of the BioImage Archive from others', () => {
    expect(['S-BIAD1', 'S-BSST1', 'S-BSMS1', 'EMPIAR-10000', 'S-EPMC100'].map(isImageStudy)).toEqual([
      true,
      true,
      true,
      true,
      false
    ]);
  });
});

describe('the sources of both archives', () => {
  it.each([
    [[], 0, 0],
    [['biostudies'], 1, 0],
    [['bia'], 0, 1],
    [['bia-search'], 0, 1],
    [['biostudies', 'bia', 'bia-search'], 1, 1]
  ])('are there where the session knows the services %j', async (services, studies, archive) => {
    const environment = { ...memoryEnvironment([], {}), services: () => Promise.resolve(services) };
    expect(await biostudies.create(environment)).toHaveLength(studies);
    expect(await bia.create(environment)).toHaveLength(archive);
  });
});
