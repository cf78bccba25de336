import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IPanelHost } from '../host';
import { AboutTab } from './about';
import { FilesTab } from './files';
import type { IGridHandle } from './grid';
import { Header } from './header';
import { ImagesTab } from './images';
import type { StudyTab } from './memory';
import type { StudyModel } from './model';
import type { IPage } from './page';
import { usePage } from './page';
import { Failure } from './parts';
import { counted, countText } from './words';

/** What the page is drawn from. */
export interface IStudyViewProps {
  model: StudyModel;
  host: IPanelHost;
  trans: TranslationBundle;
  /** Back to the list that the study was opened from. */
  onBack: () => void;
}

/** How much is behind a tab, where that is known. */
function tabCount(tab: StudyTab, { known, details }: StudyModel): number | undefined {
  return counted(tab === 'images' ? known?.images : tab === 'files' ? details?.files : undefined);
}

/** The words on a tab; the count goes where there is no room for it. */
function TabWords({ tab, page: { model, trans } }: { tab: StudyTab; page: IPage }): JSX.Element {
  const words = { images: trans.__('Images'), files: trans.__('Files'), about: trans.__('About') };
  const count = tabCount(tab, model);
  return (
    <>
      {words[tab]}
      {count === undefined ? null : <span className="jp-BioImageStudy-tabCount"> ({countText(count)})</span>}
    </>
  );
}

/**
 * The tabs: one is reached by Tab, arrows move among them, Enter or Space shows one. They do not open by moving alone,
 * because showing one may ask the archive.
 */
function Tabs({ page, id, onDown }: { page: IPage; id: string; onDown: () => void }): JSX.Element {
  const { model, trans } = page;
  const { tabs } = model;
  const list = React.useRef<HTMLDivElement>(null);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('[role="tab"]') ?? [])];
    const at = buttons.indexOf(event.target as HTMLElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % buttons.length,
      ArrowLeft: (at + buttons.length - 1) % buttons.length,
      Home: 0,
      End: buttons.length - 1
    };
    if (Object.hasOwn(steps, event.key)) {
      event.preventDefault();
      buttons[steps[event.key]]?.focus();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      onDown();
    }
  };
  return (
    <div
      role="tablist"
      aria-label={trans.__('Parts of the study')}
      className="jp-BioImageStudy-tabs"
      ref={list}
      onKeyDown={onKeyDown}
    >
      {tabs.map(tab => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`${id}-${tab}`}
          className="jp-BioImageStudy-tab"
          aria-selected={tab === model.tab}
          // Only the panel that is shown is in the page.
          aria-controls={tab === model.tab ? `${id}-panel` : undefined}
          tabIndex={tab === model.tab ? 0 : -1}
          onClick={() => void model.show(tab)}
        >
          <TabWords tab={tab} page={page} />
        </button>
      ))}
    </div>
  );
}

/** What the chosen tab shows. */
function Body(props: { page: IPage; handle: React.Ref<IGridHandle>; onLeave: () => void }): JSX.Element {
  const { page } = props;
  switch (page.model.tab) {
    case 'images':
      return <ImagesTab {...props} />;
    case 'files':
      return <FilesTab {...props} />;
    case 'about':
      return <AboutTab page={page} />;
    default:
      return page.model.tab;
  }
}

/** The study failed, and what its tab lists failed with it: one word about that is enough. */
function hasNothing(model: StudyModel): boolean {
  const { status, tab } = model;
  return status === 'failed' && tab !== 'about' && model[tab].status === 'failed' && model[tab].items.length === 0;
}

/** The page of a study: what it is, its images, its files. State is in the model; this draws it and passes gestures on. */
export function StudyView(props: IStudyViewProps): JSX.Element {
  // Another study is another page: places, choices and pictures of this one do not go over to it.
  return <Page key={props.model.serial} {...props} />;
}

function Page(props: IStudyViewProps): JSX.Element {
  const { model, trans } = props;
  const { page, said } = usePage(props);
  const id = React.useId();
  const title = React.useRef<HTMLHeadingElement>(null);
  const tabs = React.useRef<HTMLDivElement>(null);
  const list = React.useRef<IGridHandle>(null);
  // Who opens a page begins at its title; so does who reads with a screen reader.
  React.useEffect(() => title.current?.focus(), []);
  const toList = (): void => void list.current?.focus();
  const toTabs = (): void => tabs.current?.querySelector<HTMLElement>('[role="tab"][tabindex="0"]')?.focus();
  return (
    <section className="jp-BioImageStudy" aria-labelledby={`${id}-title`}>
      <UseSignal signal={model.changed}>
        {() => (
          <>
            <Header page={page} title={title} id={`${id}-title`} onDown={toList} />
            {model.status !== 'failed' || model.tab === 'about' ? null : (
              <Failure
                error={model.error}
                what={trans.__('The study could not be read.')}
                trans={trans}
                onRetry={() => void model.retry()}
              />
            )}
            {hasNothing(model) ? null : (
              <>
                <div ref={tabs}>
                  <Tabs page={page} id={id} onDown={toList} />
                </div>
                <div
                  role="tabpanel"
                  id={`${id}-panel`}
                  aria-labelledby={`${id}-${model.tab}`}
                  className="jp-BioImageStudy-panel"
                  // Words scroll with the arrow keys once they have the focus; lists have rows that take it.
                  tabIndex={model.tab === 'about' ? 0 : undefined}
                >
                  <Body page={page} handle={list} onLeave={toTabs} />
                </div>
              </>
            )}
          </>
        )}
      </UseSignal>
      <p className="jp-BioImageStudy-said" aria-live="polite">
        <span key={said.count}>{said.text}</span>
      </p>
    </section>
  );
}
