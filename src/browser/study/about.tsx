import { localised } from '../../core';
import * as React from 'react';

import type { IDataset, IPublication, IStudyDetails } from '../../entities';
import { bibtex, citationText } from './citation';
import { lineOf } from './line';
import { doiLink, orcidLink, pubmedLink } from './links';
import type { IPage } from './page';
import { Failure, OutLink, Skeleton, Some } from './parts';
import { sanitise } from './sanitise';
import { bytesText, filesText, viewableText } from './words';

/** Authors shown at first. */
const AUTHORS = 6;
/** Entries of the other lists shown at first. */
const ENTRIES = 20;
/** Entries of any list that are drawn at all. */
const MOST = 1000;
/** Characters of a value. */
const VALUE_LENGTH = 2000;

/** A part of the page with its heading. */
function Part({ title, children }: { title: string; children: React.ReactNode }): JSX.Element {
  const id = React.useId();
  return (
    <section className="jp-BioImageStudy-part" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

/** The first few authors; consortia have hundreds. An ORCID iD makes a name a link, its tooltip is the affiliation. */
function Authors({ study, page: { trans } }: IPartProps): JSX.Element | null {
  const people = study.people.filter(({ name }) => name.trim() !== '');
  return people.length === 0 ? null : (
    <Part title={trans.__('Authors')}>
      <ul className="jp-BioImageStudy-inline">
        <Some
          items={people}
          first={AUTHORS}
          most={MOST}
          more={count => trans._n('and %1 more', 'and %1 more', count)}
          draw={({ name, orcid, affiliation }, index) => (
            <li key={index} title={affiliation === undefined ? undefined : lineOf(affiliation, VALUE_LENGTH)}>
              <OutLink href={orcidLink(orcid)}>
                <bdi>{lineOf(name, 120)}</bdi>
              </OutLink>
            </li>
          )}
        />
      </ul>
    </Part>
  );
}

/** The abstract is markup of strangers: it is drawn anew from what is allowed, once per text. */
function Abstract({ study, page: { trans } }: IPartProps): JSX.Element | null {
  const text = study.abstract ?? study.description ?? '';
  const drawn = React.useMemo(() => sanitise(text), [text]);
  return text.trim() === '' ? null : (
    <Part title={trans.__('Abstract')}>
      <div className="jp-BioImageStudy-abstract" dir="auto">
        {drawn}
      </div>
    </Part>
  );
}

/** The reference as it would be printed, to be copied as text or as a BibTeX record. */
function Citation({ study, page }: IPartProps): JSX.Element {
  const { trans, model } = page;
  const archive = model.source.label;
  const text = citationText(study, archive);
  const link = doiLink(study.doi);
  return (
    <Part title={trans.__('Citation')}>
      <p className="jp-BioImageStudy-citation">
        <bdi>{text}</bdi>
      </p>
      {link === undefined ? null : (
        <p>
          {trans.__('DOI')} <OutLink href={link}>{lineOf(study.doi ?? '')}</OutLink>
        </p>
      )}
      <div className="jp-BioImageStudy-buttons">
        <button
          type="button"
          className="jp-BioImageStudy-button"
          onClick={() => page.copy(text, trans.__('Citation copied.'))}
        >
          {trans.__('Copy citation')}
        </button>
        <button
          type="button"
          className="jp-BioImageStudy-button"
          onClick={() => page.copy(bibtex(study, archive), trans.__('BibTeX record copied.'))}
        >
          {trans.__('Copy BibTeX')}
        </button>
      </div>
    </Part>
  );
}

/** One dataset with its counts and sizes, and the ways to its images and files. */
function Dataset({ dataset, page }: { dataset: IDataset; page: IPage }): JSX.Element {
  const { trans, model } = page;
  const { id, description, files, bytes } = dataset;
  const title = lineOf(dataset.title) || lineOf(id);
  const facts = [
    viewableText(dataset, trans),
    filesText(files, dataset.exact !== false, trans),
    bytesText(bytes)
  ].filter(Boolean);
  return (
    <li className="jp-BioImageStudy-dataset">
      <bdi className="jp-BioImageStudy-strong">{title}</bdi>
      {facts.length === 0 ? null : <span className="jp-BioImageStudy-detail">{facts.join(' · ')}</span>}
      {description === undefined ? null : <span>{lineOf(description, 500)}</span>}
      <span className="jp-BioImageStudy-buttons">
        {model.tabs.includes('images') ? (
          <button
            type="button"
            className="jp-BioImageStudy-textButton"
            aria-label={trans.__('Images of %1', title)}
            onClick={() => void model.showDataset('images', id)}
          >
            {trans.__('Images')}
          </button>
        ) : null}
        {model.tabs.includes('files') ? (
          <button
            type="button"
            className="jp-BioImageStudy-textButton"
            aria-label={trans.__('Files of %1', title)}
            onClick={() => void model.showDataset('files', id)}
          >
            {trans.__('Files')}
          </button>
        ) : null}
      </span>
    </li>
  );
}

/** All datasets, under what the study holds as a whole where the archive says so. */
function Datasets({ study, page }: IPartProps): JSX.Element | null {
  const { trans } = page;
  const { datasets, files, bytes } = study;
  const sum = [filesText(files, true, trans), bytesText(bytes)].filter(Boolean);
  return datasets.length === 0 && sum.length === 0 ? null : (
    <Part title={trans.__('Datasets')}>
      {sum.length === 0 ? null : <p>{sum.join(' · ')}</p>}
      <ul className="jp-BioImageStudy-datasets">
        <Some
          items={datasets}
          first={ENTRIES}
          most={MOST}
          more={count => trans._n('and %1 more', 'and %1 more', count)}
          draw={(dataset, index) => <Dataset key={`${index} ${dataset.id}`} dataset={dataset} page={page} />}
        />
      </ul>
    </Part>
  );
}

/** Title and year; a publication without a title is known by its number. Empty where nothing names it. */
function publicationText({ title, year, doi, pubmed }: IPublication): string {
  const name = [title, doi, pubmed].find(text => text !== undefined && text.trim() !== '');
  return name === undefined ? '' : lineOf([name, year?.trim()].filter(Boolean).join(', '), 500);
}

/** Articles about the study, linked by DOI, else by PubMed. */
function Publications({ study, page: { trans } }: IPartProps): JSX.Element | null {
  const publications = study.publications.filter(one => publicationText(one) !== '');
  return publications.length === 0 ? null : (
    <Part title={trans.__('Publications')}>
      <ul>
        <Some
          items={publications}
          first={ENTRIES}
          most={MOST}
          more={count => trans._n('and %1 more', 'and %1 more', count)}
          draw={(publication, index) => (
            <li key={index}>
              <OutLink href={doiLink(publication.doi) ?? pubmedLink(publication.pubmed)}>
                <bdi>{publicationText(publication)}</bdi>
              </OutLink>
            </li>
          )}
        />
      </ul>
    </Part>
  );
}

/** Keywords, everything else the archive says, and what could not be read. */
function Rest({ study, page: { trans } }: IPartProps): JSX.Element {
  const more = (count: number): string => trans._n('and %1 more', 'and %1 more', count);
  const keywords = study.keywords.filter(keyword => keyword.trim() !== '');
  const attributes = study.attributes.filter(({ value }) => value.trim() !== '');
  return (
    <>
      {keywords.length === 0 ? null : (
        <Part title={trans.__('Keywords')}>
          <ul className="jp-BioImageStudy-inline">
            <Some
              items={keywords}
              first={ENTRIES}
              most={MOST}
              more={more}
              draw={(keyword, index) => (
                <li key={index}>
                  <bdi>{lineOf(keyword, 120)}</bdi>
                </li>
              )}
            />
          </ul>
        </Part>
      )}
      {attributes.length === 0 ? null : (
        <Part title={trans.__('Details')}>
          <ul className="jp-BioImageStudy-attributes">
            <Some
              items={attributes}
              first={ENTRIES * 2}
              most={MOST}
              more={more}
              draw={({ name, value, url }, index) => (
                <li key={index}>
                  <bdi className="jp-BioImageStudy-strong">{lineOf(name, 120)}</bdi>{' '}
                  <OutLink href={url}>
                    <bdi>{lineOf(value, VALUE_LENGTH)}</bdi>
                  </OutLink>
                </li>
              )}
            />
          </ul>
        </Part>
      )}
      {study.notices.length === 0 ? null : (
        <Part title={trans.__('Not everything could be read')}>
          <ul>
            <Some
              items={study.notices}
              first={ENTRIES}
              most={MOST}
              more={more}
              draw={(notice, index) => <li key={index}>{lineOf(localised(trans, notice), 500)}</li>}
            />
          </ul>
        </Part>
      )}
    </>
  );
}

/** What each part is drawn from. Parts without content are not there at all. */
interface IPartProps {
  study: IStudyDetails;
  page: IPage;
}

/** Everything about the study in words. */
export function AboutTab({ page }: { page: IPage }): JSX.Element {
  const { model, trans } = page;
  const { details: study } = model;
  if (study === null) {
    return model.status === 'failed' ? (
      <Failure
        error={model.error}
        what={trans.__('The study could not be read.')}
        trans={trans}
        onRetry={() => void model.retry()}
      />
    ) : (
      <Skeleton rows={8} label={trans.__('Loading…')} />
    );
  }
  return (
    <div className="jp-BioImageStudy-about">
      <div className="jp-BioImageStudy-columns">
        <Authors study={study} page={page} />
        <Abstract study={study} page={page} />
        <Citation study={study} page={page} />
        <Datasets study={study} page={page} />
        <Publications study={study} page={page} />
        <Rest study={study} page={page} />
        <p>
          <OutLink href={study.page}>{trans.__('Page of this study in %1', lineOf(model.source.label, 60))}</OutLink>
        </p>
      </div>
    </div>
  );
}
