import { PanelLayout } from '@lumino/widgets';
import type { Widget } from '@lumino/widgets';
import type { IParts } from './content';

/** The order of the focus, and of the eye. */
const ORDER = ['crumbs', 'list', 'tools', 'main', 'side', 'foot'] as const;

/** Everything that is in a preview at a time. */
export type IShown = Partial<Record<(typeof ORDER)[number], Widget>> & IParts;

/** The widgets of a preview: puts in what is shown now, and takes out what is not; what stays is not touched. */
export class PreviewLayout extends PanelLayout {
  show(shown: IShown): void {
    const wanted = ORDER.flatMap(name => shown[name] ?? []);
    for (const widget of [...this.widgets]) {
      if (!wanted.includes(widget)) {
        widget.parent = null; // `removeWidget` would leave it a child, and take another one out when it is disposed
      }
    }
    wanted.forEach((widget, index) => {
      if (this.widgets[index] !== widget) {
        this.insertWidget(index, widget);
      }
    });
  }
}
