import { RiComputerLine } from '@remixicon/react';
import { useSearchParams } from 'react-router-dom';
import { isFramed } from '../../framing';
import { CentredPage, Outcome } from '../CentredPage';
import { ConsentForm } from '../ConsentForm';
import { FramedNotice } from '../FramedNotice';
import { UserCodeForm } from './UserCodeForm';
import { useDeviceSignIn } from './useDeviceSignIn';

const Device = () => {
  const [searchParams] = useSearchParams();
  const { state, lookUp, approve, deny } = useDeviceSignIn();

  if (state.status === 'entering' || state.status === 'looking-up') {
    return (
      <CentredPage
        heading="Sign in a device"
        icon={<RiComputerLine aria-hidden size={40} />}
        focusKey="entering"
        announcement={state.status === 'looking-up' ? 'Checking the code' : ''}
      >
        <UserCodeForm
          fromLink={searchParams.get('user_code') ?? ''}
          isPending={state.status === 'looking-up'}
          problem={state.status === 'entering' ? state.problem : undefined}
          onSubmit={lookUp}
        />
      </CentredPage>
    );
  }
  const { request, userCode } = state;
  if (state.status === 'gone') {
    return (
      <Outcome kind="problem" heading="This request is over">
        The code has expired or was answered already. Start again in{' '}
        <bdi>{request.client.name}</bdi>.
      </Outcome>
    );
  }
  if (state.status === 'answered') {
    const isApproved = state.answer === 'approve';
    return (
      <Outcome
        kind={isApproved ? 'approved' : 'denied'}
        heading={isApproved ? 'Approved' : 'Denied'}
      >
        You can close this page and go back to your terminal.
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
      icon={<RiComputerLine aria-hidden size={40} />}
      focusKey="asking"
      announcement={state.status === 'sending' ? 'Sending your answer' : ''}
    >
      <ConsentForm
        request={request}
        userCode={userCode}
        sending={state.status === 'sending' ? state.answer : undefined}
        error={state.status === 'asking' ? state.error : undefined}
        onApprove={decision => approve({ userCode, request }, decision)}
        onDeny={() => deny({ userCode, request })}
      />
    </CentredPage>
  );
};

/** Where a user signs in a device that has no browser, with the code that it shows (RFC 8628). */
export const DevicePage = () => (isFramed() ? <FramedNotice /> : <Device />);
