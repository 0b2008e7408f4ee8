import { ReactNode, useState } from 'react';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
  Text,
} from '@backstage/ui';
import { toError } from '@backstage/errors';
import { FailureAlert } from '../FailureAlert';
import styles from './ConfirmDialog.module.css';

/**
 * Asks before something that cannot be undone. Stays open, and says why, when it fails.
 *
 * @param props.action - what the button says
 * @param props.onConfirm - does it; the dialog closes when it is done
 * @param props.onClose - called when the dialog is to go away, done or not
 */
export const ConfirmDialog = (props: {
  title: string;
  action: string;
  children: ReactNode;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}) => {
  const { title, action, children, onConfirm, onClose } = props;
  const [isPending, setIsPending] = useState(false);
  const [error, setError] = useState<Error>();

  const confirm = async () => {
    setIsPending(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(toError(failure));
      setIsPending(false);
    }
  };

  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => !isOpen && onClose()}
      className={styles.dialog}
      width="min(28rem, 100vw)"
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody>
        <Flex direction="column" gap="4">
          <Text as="p" className={styles.text}>
            {children}
          </Text>
          {error && <FailureAlert title="That did not work" error={error} />}
        </Flex>
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={onClose} isDisabled={isPending}>
          Cancel
        </Button>
        <Button destructive isPending={isPending} onPress={confirm}>
          {action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
};
