import { Alert } from '@backstage/ui';
import { RiRobot2Line } from '@remixicon/react';
import { useParams } from 'react-router-dom';
import { isFramed } from '../../framing';
import { CentredPage, Outcome } from '../CentredPage';
import { ConsentForm } from '../ConsentForm';
import { FailureAlert } from '../FailureAlert';
import { FramedNotice } from '../FramedNotice';
import { useConsent } from './useConsent';

const Consent = (props: { interactionId: string }) => {
  const { state, load, approve, deny } = useConsent(props.interactionId);

  if (state.status === 'loading') {
    return (
      <CentredPage heading="A client asks for access" focusKey="loading">
        <Alert isPending title="Loading what it asks for…" />
      </CentredPage>
    );
  }
  if (state.status === 'gone') {
    return (
      <Outcome kind="problem" heading="This request is over">
        It has expired, was answered already, or was started in another browser.
        Start again in{' '}
        {state.clientName ? (
          <bdi>{state.clientName}</bdi>
        ) : (
          'the program that sent you here'
        )}
        , and answer in the browser that it opens.
      </Outcome>
    );
  }
  if (state.status === 'failed') {
    return (
      <CentredPage heading="A client asks for access" focusKey="failed">
        <FailureAlert
          title="What it asks for could not be loaded"
          error={state.error}
          onRetry={load}
        />
      </CentredPage>
    );
  }
  const { request } = state;
  if (state.status === 'answered') {
    const isApproved = state.answer === 'approve';
    return (
      <Outcome
        kind={isApproved ? 'approved' : 'denied'}
        heading={isApproved ? 'Approved' : 'Denied'}
      >
        You can go back to <bdi>{request.client.name}</bdi>. If it does not open
        by itself, you can close this page.
      </Outcome>
    );
  }
  return (
    <CentredPage
      heading={
        <>
          <bdi>{request.client.name}</bdi> asks for access
        </>
      }
      icon={<RiRobot2Line aria-hidden size={40} />}
      focusKey="asking"
      announcement={state.status === 'sending' ? 'Sending your answer' : ''}
    >
      <ConsentForm
        request={request}
        sending={state.status === 'sending' ? state.answer : undefined}
        error={state.status === 'asking' ? state.error : undefined}
        onApprove={decision => approve(request, decision)}
        onDeny={() => deny(request)}
      />
    </CentredPage>
  );
};

/** Where a user approves, narrows or denies what a client asks for. */
export const ConsentPage = () => {
  const { interactionId } = useParams();
  if (isFramed()) {
    return <FramedNotice />;
  }
  return <Consent interactionId={interactionId ?? ''} />;
};
