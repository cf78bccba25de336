/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { BioImageError, say } from '../../../core';
import { Archive, FILES, FULL, IMAGES } from './archive';
import { Bench } from './bench';

describe('the page of a study', () => {
  let bench: Bench;
  const make = (content: Archive['content'] = { study: FULL, images: IMAGES, files: FILES }, host = {}): Bench => {
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

  it('asks for what its tab shows and for nothing else', async () => {
    const archive = new Archive({ study: FULL, images: IMAGES, files: FILES });
    bench = await new Bench({ source: archive, accession: 'S-1' }).show();
    expect(archive.asked.map(([name]) => name)).toEqual(['study', 'images']);
    await bench.click('Files (240)');
    await bench.click('About');
    await bench.click('Images (5)');
    expect(archive.asked.map(([name]) => name)).toEqual(['study', 'images', 'files']);
  });

  it('lists images with what they are, and why some cannot be viewed', async () => {
    await make().show();
    const rows = bench.all('[role="grid"] [role="gridcell"]');
    expect(bench.all('[role="grid"]')[0].getAttribute('aria-label')).toBe('Images');
    expect(rows.map(row => row.querySelector('.jp-BioImageStudy-words')?.textContent)).toEqual([
      'fish oneOME-Zarr 0.4512 × 256 × 30 z × 2 c · 1.23 MB',
      'platePlateOME-Zarr',
      'rawConvertibleTIFF, not OME-Zarr',
      'gonemoved or removed · formerly at https://old.example/gone.zarr'
    ]);
    expect(rows.map(row => row.querySelector('button')?.getAttribute('aria-disabled'))).toEqual([
      'false',
      'false',
      'true',
      'true'
    ]);
    expect(bench.all('.jp-BioImageStudy-count')[0].textContent).toBe('4 images ');
    rows[2].querySelector('button')?.click();
    rows[1].querySelector('button')?.click();
    await bench.settle();
    expect(bench.opened).toEqual(['https://a.example/plate.zarr']);
    expect(bench.named('Page of raw in the archive').getAttribute('href')).toBe('https://a.example/raw');
  });

  it('acts once however often a button is hit', async () => {
    await make().show();
    for (let i = 0; i < 200; i++) {
      bench.all('.jp-BioImageStudy-open')[0].click();
    }
    await bench.settle();
    expect(bench.opened).toHaveLength(1);
  });

  it('offers the other actions of an image in a menu, which goes with the page', async () => {
    await make().show();
    await bench.click('Actions for fish one');
    const menu = document.querySelector('.lm-Menu');
    expect(menu?.textContent).toContain('Insert code');
    for (const keyCode of [40, 13]) {
      menu?.dispatchEvent(new KeyboardEvent('keydown', { keyCode, bubbles: true }));
    }
    await bench.settle();
    expect(bench.inserted).toEqual(['https://a.example/fish one.zarr']);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Actions for fish one');
    await bench.click('Actions for plate');
    bench.dispose();
    await bench.settle();
    expect(document.querySelector('.lm-Menu')).toBeNull();
  });

  it('filters images by words, by dataset and by what can be viewed', async () => {
    await make().show();
    const titles = (): (string | null)[] => bench.all('.jp-BioImageStudy-line').map(node => node.textContent);
    await bench.type('Filter images', 'fish');
    expect(titles()).toEqual(['fish one']);
    await bench.type('Filter images', 'nothing like it');
    expect(titles()).toEqual([]);
    expect(bench.text).toContain('No image matches.');
    await bench.type('Filter images', '');
    const select = bench.named('Dataset') as HTMLSelectElement;
    expect([...select.options].map(({ text }) => text)).toEqual(['All datasets', 'Embryos', 'Adults']);
    select.value = 'd2';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await bench.settle();
    expect(titles()).toEqual(['raw', 'gone']);
    bench.all('input[type="checkbox"]')[0].click();
    await bench.settle();
    expect(titles()).toEqual([]);
    select.value = '';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await bench.settle();
    expect(titles()).toEqual(['fish one', 'plate']);
    expect(bench.all('.jp-BioImageStudy-count')[0].textContent).toBe('2 images can be viewed ');
  });

  it('shows files with their place and size; folders are looked into', async () => {
    await make().show();
    await bench.click('Files (240)');
    const rows = bench.all('[role="grid"] [role="gridcell"]');
    expect(rows.map(row => row.querySelector('.jp-BioImageStudy-open')?.textContent)).toEqual([
      'fish.zarra/b · Embryos',
      'ba',
      'notes.txta1 MB'
    ]);
    await bench.click('Copy address of notes.txt');
    await bench.click('Copy address of fish.zarr');
    expect(bench.copied).toEqual(['https://a.example/notes.txt', 'https://a.example/fish one.zarr']);
    expect(bench.all('[aria-live]').map(node => node.textContent)).toContain('Address copied.');
    rows[0].querySelector('button')?.click();
    rows[2].querySelector('button')?.click();
    rows[1].querySelector('button')?.click();
    await bench.settle();
    expect(bench.opened).toEqual(['https://a.example/fish one.zarr']);
    expect((bench.named('Filter files') as HTMLInputElement).value).toBe('a/b/');
    expect(bench.all('.jp-BioImageStudy-line').map(node => node.textContent)).toEqual(['fish.zarr']);
  });

  it('says everything else about the study', async () => {
    await make().show();
    await bench.click('About');
    expect(bench.all('h3').map(node => node.textContent)).toEqual([
      'Authors',
      'Abstract',
      'Citation',
      'Datasets',
      'Publications',
      'Keywords',
      'Details',
      'Not everything could be read'
    ]);
    expect(bench.all('.jp-BioImageStudy-abstract')[0].innerHTML).toBe('<p>Fish <i>swim</i>.</p>');
    expect(bench.all('.jp-BioImageStudy-inline')[0].children).toHaveLength(7);
    await bench.click('and 3 more');
    expect(bench.all('.jp-BioImageStudy-inline')[0].children).toHaveLength(9);
    expect(bench.all('.jp-BioImageStudy-dataset').map(node => node.firstChild?.nextSibling?.textContent)).toEqual([
      '2 of 3 images can be viewed · 200 files · 500 GB',
      '0 of ≥ 2 images can be viewed'
    ]);
    const links = bench
      .all('a')
      .map(node => [node.getAttribute('href'), node.getAttribute('target'), node.getAttribute('rel')]);
    expect(links.map(([href]) => href)).toEqual([
      'https://archive.example/S-1',
      'https://creativecommons.org/licenses/by/4.0/',
      'https://orcid.org/0000-0002-0456-6912',
      'https://doi.org/10.6019/S-1',
      'https://doi.org/10.1000/182',
      'https://pubmed.ncbi.nlm.nih.gov/123/',
      'https://a.example/7955',
      'https://archive.example/S-1'
    ]);
    expect(links.every(([, target, rel]) => target === '_blank' && rel === 'noopener noreferrer')).toBe(true);
  });

  it('leads from a dataset to its images', async () => {
    await make().show();
    await bench.click('About');
    await bench.click('Images of Adults');
    expect(bench.all('[role="tab"][aria-selected="true"]')[0].textContent).toBe('Images (5)');
    expect(bench.all('.jp-BioImageStudy-line').map(node => node.textContent)).toEqual(['raw', 'gone']);
  });

  it('copies accession, link, citation and BibTeX, and says so', async () => {
    await make(undefined, {
      studyLink: ({ accession }: { accession: string }) => `https://hub.example/lab?bioimage=${accession}`
    }).show();
    await bench.click('Copy accession');
    await bench.click('Copy link');
    await bench.click('About');
    await bench.click('Copy citation');
    await bench.click('Copy BibTeX');
    expect(bench.copied.slice(0, 2)).toEqual(['S-1', 'https://hub.example/lab?bioimage=S-1']);
    expect(bench.copied[2]).toMatch(/^0, Author; .* \(2023\)\. .* Archive, S-1\. https:\/\/doi\.org\/10\.6019\/S-1$/);
    expect(bench.copied[3]).toMatch(/^@misc\{S-1,/);
    expect(bench.all('.jp-BioImageStudy-said')[0].textContent).toBe('BibTeX record copied.');
  });

  it('says when nothing could be copied', async () => {
    await make(undefined, {
      copy: () => Promise.reject(new BioImageError('INTERNAL', say`The clipboard is closed.`))
    }).show();
    await bench.click('Copy accession');
    expect(bench.all('.jp-BioImageStudy-said')[0].textContent).toBe('Not copied: The clipboard is closed.');
  });

  it('keeps favourites where the application does', async () => {
    await make().show();
    expect(bench.all('[aria-label="Favourite"]')).toEqual([]);
    bench.dispose();
    const kept = new Set<string>();
    await make(undefined, {
      isFavourite: ({ accession }: { accession: string }) => kept.has(accession),
      toggleFavourite: ({ accession }: { accession: string }) => void (kept.delete(accession) || kept.add(accession))
    }).show();
    expect(bench.named('Favourite').getAttribute('aria-pressed')).toBe('false');
    await bench.click('Favourite');
    expect(bench.named('Favourite').getAttribute('aria-pressed')).toBe('true');
    expect([...kept]).toEqual(['S-1']);
  });

  it('shows what the list of results knew until the study answers', async () => {
    const archive = new Archive({ study: FULL, images: IMAGES });
    archive.held.add('study');
    bench = await new Bench({
      source: archive,
      accession: 'S-1',
      summary: { source: 'a', accession: 'S-1', title: 'Known before', images: 7 }
    }).begin();
    expect(bench.all('h2')[0].textContent).toBe('Known before');
    expect(bench.all('[role="gridcell"]')).toHaveLength(4);
    await bench.click('About');
    expect(bench.text).toContain('Loading…');
    archive.release();
    await bench.settle();
    expect(bench.all('h2')[0].textContent).toBe('Light sheets of <b>fish</b>');
  });

  it('shows a failure in its place, with what to do next, and tries again', async () => {
    const archive = new Archive({ study: FULL, images: IMAGES, files: FILES });
    archive.failures.set('study', new BioImageError('UPSTREAM_DOWN', say`The archive does not answer.`));
    bench = await new Bench({ source: archive, accession: 'S-1' }).show();
    expect(bench.all('[role="gridcell"]')).toHaveLength(4);
    expect(bench.all('.jp-BioImageStudy-failure')[0].textContent).toBe(
      'The study could not be read. The archive does not answer.Check the connection and try again in a moment.Try again'
    );
    archive.failures.clear();
    await bench.click('Try again');
    expect(bench.all('.jp-BioImageStudy-failure')).toHaveLength(0);
    archive.failures.set('files', new Error('odd'));
    await bench.click('Files (240)');
    expect(bench.text).toContain('The files could not be listed. Something went wrong here.');
    archive.failures.clear();
    await bench.click('Try again');
    expect(bench.all('[role="gridcell"]')).toHaveLength(3);
  });

  it('shows no tab for what the source cannot list', async () => {
    const archive = new Archive({ study: FULL });
    Object.defineProperties(archive, { images: { value: undefined }, files: { value: undefined } });
    bench = await new Bench({ source: archive, accession: 'S-1', memory: { tab: 'files' } }).show();
    expect(bench.all('[role="tab"]').map(node => node.textContent)).toEqual(['About']);
    expect(bench.text).not.toContain('Images of');
  });
});
