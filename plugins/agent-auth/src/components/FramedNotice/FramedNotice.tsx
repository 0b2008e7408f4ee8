import { Outcome } from '../CentredPage';

/** Stands in for a page that must not be shown inside another one. */
export const FramedNotice = () => (
  <Outcome kind="problem" heading="This page does not work inside another one">
    Another page has put it into a frame, where it could make you click on
    something that you do not see. Open it in a tab of its own.
  </Outcome>
);
