import { FormEvent, useId, useState } from 'react';
import {
  Button,
  Checkbox,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { toError } from '@backstage/errors';
import type { RegisteredClientInput } from '@prompt-corner/plugin-agent-auth-common';
import { FailureAlert } from '../FailureAlert';
import { findRedirectProblem, parseRedirectUris } from './redirectUris';
import styles from './ClientsPage.module.css';

/**
 * Asks what a client is.
 *
 * @param props.onRegister - the dialog closes when it is done, and stays open with the reason when
 *   it fails
 */
export const RegisterClientDialog = (props: {
  onRegister: (client: RegisteredClientInput) => Promise<void>;
  onClose: () => void;
}) => {
  const { onRegister, onClose } = props;
  const formId = useId();
  const [name, setName] = useState('');
  const [id, setId] = useState('');
  const [typedUris, setTypedUris] = useState('');
  const [deviceFlow, setDeviceFlow] = useState(false);
  const [confidential, setConfidential] = useState(false);
  const [isPending, setIsPending] = useState(false);
  const [error, setError] = useState<Error>();

  const redirectUris = parseRedirectUris(typedUris);
  const uriProblem = findRedirectProblem(redirectUris);
  const hasWayIn = redirectUris.length > 0 || deviceFlow;
  const isComplete =
    name.trim() !== '' && id.trim() !== '' && hasWayIn && !uriProblem;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || isPending) {
      return;
    }
    setIsPending(true);
    setError(undefined);
    try {
      await onRegister({
        id: id.trim(),
        name: name.trim(),
        redirectUris,
        deviceFlow,
        confidential,
      });
      onClose();
    } catch (failure) {
      setError(toError(failure));
      setIsPending(false);
    }
  };

  return (
    <Dialog
      isOpen
      isDismissable={false}
      onOpenChange={isOpen => !isOpen && onClose()}
      className={styles.dialog}
      width="min(34rem, 100vw)"
    >
      <DialogHeader>Register a client</DialogHeader>
      <DialogBody>
        <form id={formId} className={styles.form} onSubmit={submit}>
          <TextField
            label="Name"
            description="As users see it when it asks for access."
            autoComplete="off"
            isRequired
            value={name}
            onChange={setName}
          />
          <TextField
            label="Client id"
            autoComplete="off"
            isRequired
            value={id}
            onChange={setId}
          />
          <TextAreaField
            label="Redirect URIs"
            description="One a line. On the user’s own computer, such as http://127.0.0.1/callback, every port matches."
            rows={3}
            value={typedUris}
            onChange={setTypedUris}
          />
          {uriProblem && (
            <Text role="alert" variant="body-small" color="danger">
              {uriProblem}
            </Text>
          )}
          <Checkbox isSelected={deviceFlow} onChange={setDeviceFlow}>
            May sign in on another device, with a code
          </Checkbox>
          <Checkbox isSelected={confidential} onChange={setConfidential}>
            Proves itself with a secret (only for a client that runs on a
            server)
          </Checkbox>
          {error && (
            <FailureAlert
              title="The client could not be registered"
              error={error}
            />
          )}
        </form>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" isDisabled={isPending} onPress={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          form={formId}
          isDisabled={!isComplete}
          isPending={isPending}
        >
          Register
        </Button>
      </DialogFooter>
    </Dialog>
  );
};
