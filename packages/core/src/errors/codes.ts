/**
 * Every error of Trunkline: its sentence and whether trying the same again can help. The HTTP status of each is in
 * `@trunkline/contract`; what to do about each is in docs/errors.md.
 */
export const ERRORS = {
  // Requests
  VALIDATION_FAILED: { message: 'The input is not valid', retryable: false },
  UNAUTHENTICATED: { message: 'Authentication is required', retryable: false },
  INVALID_CREDENTIALS: { message: 'The e-mail or the password is wrong', retryable: false },
  FORBIDDEN: { message: 'This action is not allowed', retryable: false },
  ROUTE_NOT_FOUND: { message: 'There is no such route', retryable: false },
  METHOD_NOT_ALLOWED: { message: 'This route does not take that method', retryable: false },
  NOT_ACCEPTABLE: { message: 'None of the accepted media types is available', retryable: false },
  PAYLOAD_TOO_LARGE: { message: 'The request body is too large', retryable: false },
  REQUEST_TIMEOUT: { message: 'The request body did not come in time', retryable: true },
  UNSUPPORTED_MEDIA_TYPE: { message: 'The media type of the request body is not taken here', retryable: false },
  RANGE_NOT_SATISFIABLE: { message: 'There are no such bytes', retryable: false },
  EXPECTATION_FAILED: { message: 'This server does nothing that a request may expect of it', retryable: false },
  HEADERS_TOO_LARGE: { message: 'The header of the request is too large', retryable: false },
  RATE_LIMITED: { message: 'Too many requests', retryable: true },
  INTERNAL: { message: 'Something went wrong inside', retryable: true },

  // Sessions
  SESSION_NOT_FOUND: { message: 'There is no such session', retryable: false },
  SESSION_ID_IN_USE: { message: 'The session id is in use', retryable: false },
  SESSION_LIMIT_REACHED: { message: 'No more sessions are allowed', retryable: false },
  SESSION_NOT_CONNECTED: { message: 'The session is not connected', retryable: true },
  SESSION_NOT_LINKED: { message: 'The session has no linked account', retryable: false },
  SESSION_ALREADY_LINKED: { message: 'The session is linked already', retryable: false },
  SESSION_BUSY: { message: 'The session is being changed by another call', retryable: true },
  MANAGER_CLOSED: { message: 'The manager is closed', retryable: false },
  OPERATION_ABORTED: { message: 'The operation was aborted', retryable: false },

  // Linking
  QR_NOT_AVAILABLE: { message: 'There is no QR to show', retryable: true },
  QR_EXPIRED: { message: 'No QR was scanned in time', retryable: false },
  PAIRING_CODE_FAILED: { message: 'The pairing code could not be made', retryable: true },
  PAIRING_REJECTED: { message: 'The pairing was refused: a signature did not match', retryable: false },
  ACCOUNT_CHANGED: { message: 'The session has the messages of another account', retryable: false },
  PASSKEY_REQUIRED: { message: 'WhatsApp asks for a passkey on the phone', retryable: false },

  // Connection: one code for each reason a connection closes
  CONNECTION_LOST: { message: 'The connection to WhatsApp was lost', retryable: true },
  CONNECTION_TIMEOUT: { message: 'The connection to WhatsApp did not open in time', retryable: true },
  CONNECTION_REPLACED: { message: 'The account was opened by another connection', retryable: false },
  RESTART_REQUIRED: { message: 'WhatsApp asked for a new connection', retryable: true },
  SERVICE_UNAVAILABLE: { message: 'WhatsApp is not available', retryable: true },
  LOGGED_OUT: { message: 'The device was unlinked', retryable: false },
  ACCOUNT_BANNED: { message: 'WhatsApp banned the account', retryable: false },
  ACCOUNT_LOCKED: { message: 'WhatsApp locked the account', retryable: false },
  CLIENT_OUTDATED: { message: 'WhatsApp does not accept this client version', retryable: false },
  LOGIN_REFUSED: { message: 'WhatsApp refused the login', retryable: false },
  MULTI_DEVICE_REQUIRED: { message: 'The account does not support linked devices', retryable: false },
  SERVER_NOT_TRUSTED: { message: 'The server is not the one it should be', retryable: false },
  CERT_ROOT_CONFLICT: { message: 'Another manager of this process trusts another root certificate', retryable: false },

  // Messages and chats
  RECIPIENT_INVALID: { message: 'The recipient is neither a phone number nor a JID', retryable: false },
  RECIPIENT_NOT_ON_WHATSAPP: { message: 'The number is not on WhatsApp', retryable: false },
  MESSAGE_NOT_FOUND: { message: 'There is no such message', retryable: false },
  MESSAGE_ID_AMBIGUOUS: { message: 'Several messages have this id: name the chat', retryable: false },
  MESSAGE_REFUSED: { message: 'WhatsApp refused the message', retryable: false },
  MESSAGE_NOT_CHANGEABLE: { message: 'WhatsApp does not let this be done to the message', retryable: false },
  MESSAGE_NOT_FORWARDABLE: { message: 'The message cannot go on to another chat', retryable: false },
  MESSAGE_FAILED: { message: 'The message could not be sent', retryable: true },
  MEDIA_NOT_FOUND: { message: 'The message has no file', retryable: false },
  MEDIA_NOT_AVAILABLE: { message: 'The file cannot be had at the moment', retryable: true },
  MEDIA_EXPIRED: { message: 'The file is gone, at WhatsApp and on the phone', retryable: false },
  URL_REFUSED: { message: 'The URL must not be fetched', retryable: false },
  URL_FAILED: { message: 'The URL gave no file', retryable: true },
  MEDIA_UPLOAD_FAILED: { message: 'The file could not be uploaded to WhatsApp', retryable: true },
  CHAT_NOT_FOUND: { message: 'There is no such chat', retryable: false },
  CHAT_CHANGE_FAILED: { message: 'WhatsApp did not take the change of the chat', retryable: true },
  LABEL_NOT_FOUND: { message: 'There is no such label', retryable: false },
  CONTACT_NOT_FOUND: { message: 'There is no such contact', retryable: false },
  PICTURE_NOT_FOUND: { message: 'There is no picture that the account may see', retryable: false },
  PICTURE_INVALID: { message: 'The picture is none that WhatsApp takes', retryable: false },
  GROUP_NOT_FOUND: { message: 'WhatsApp knows no such group', retryable: false },
  GROUP_FORBIDDEN: {
    message: 'The account may not do this: it is no admin of the group, or not in it',
    retryable: false,
  },
  GROUP_FULL: { message: 'The group has no place left', retryable: false },
  GROUP_CHANGED_MEANWHILE: { message: 'Somebody else has changed this of the group at the same time', retryable: true },
  GROUP_INVITE_INVALID: {
    message: 'The invitation leads nowhere: it was replaced, or never was one',
    retryable: false,
  },
  WHATSAPP_RATE_LIMITED: { message: 'WhatsApp was asked too often', retryable: true },
  WHATSAPP_REFUSED: { message: 'WhatsApp refused this', retryable: false },
  IDEMPOTENCY_CONFLICT: { message: 'The idempotency key was used with another body', retryable: false },

  // Users
  USER_NOT_FOUND: { message: 'There is no such user', retryable: false },
  EMAIL_IN_USE: { message: 'The e-mail is in use', retryable: false },
  API_KEY_NOT_FOUND: { message: 'There is no such API key', retryable: false },
  LAST_ADMIN: { message: 'The last admin cannot be removed, disabled or restricted', retryable: false },

  // Webhooks
  WEBHOOK_NOT_FOUND: { message: 'There is no such webhook', retryable: false },
  WEBHOOK_LIMIT_REACHED: { message: 'No more webhooks, or secrets of one, are allowed', retryable: false },
  WEBHOOK_BUSY: { message: 'The webhook is being changed by another call', retryable: true },
  WEBHOOK_SECRET_NOT_FOUND: { message: 'There is no such secret that could be removed', retryable: false },
  DELIVERY_NOT_FOUND: { message: 'There is no such delivery', retryable: false },

  // Storage
  STORE_UNAVAILABLE: { message: 'The store does not answer', retryable: true },
  STORE_CORRUPT: { message: 'A stored record cannot be read', retryable: false },
  STORE_LOCKED: { message: 'Another process uses this store', retryable: true },
  STORE_FULL: { message: 'The store has no room left', retryable: true },
  STORE_SCHEMA_NEWER: { message: 'The store was written by a newer version', retryable: false },
  ENCRYPTION_KEY_WRONG: { message: 'The stored data was sealed with another key', retryable: false },
  BACKUP_TOO_OLD: { message: 'The backup is older than the live state', retryable: false },
  ARCHIVE_NOT_FOUND: { message: 'There are no archived credentials', retryable: false },
  IMPORT_FAILED: { message: 'The credentials could not be imported', retryable: false },
  LEASE_HELD: { message: 'Another node owns the session', retryable: true },
  CLUSTER_UNREACHABLE: { message: 'The node that runs the session cannot be reached', retryable: true },
  LEASE_UNSURE: { message: 'It is not certain that this node still has the session', retryable: true },
  NODE_NOT_FOUND: { message: 'There is no such node', retryable: false },
  NODE_UNAVAILABLE: { message: 'The node takes no session now', retryable: true },
  LEASE_LOST: { message: 'The session is no longer owned here', retryable: false },
  SETTINGS_NOT_KEPT: { message: 'The store keeps no settings: they are set at the start', retryable: false },
  SETTINGS_CHANGED_MEANWHILE: { message: 'Somebody else has changed the settings meanwhile', retryable: false },
  CONFIG_INVALID: { message: 'The configuration is not valid', retryable: false },
} as const satisfies Record<string, { message: string; retryable: boolean }>

/** One of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERRORS

/** Every code, as in docs/errors.md. */
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]
