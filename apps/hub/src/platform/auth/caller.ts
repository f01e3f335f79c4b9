import {
  createParamDecorator,
  SetMetadata,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';

/** Who makes a request, as its token proves. */
export type Caller =
  { kind: 'partner'; partner: string } | { kind: 'staff'; subject: string; roles: string[] };

/** Where the guard leaves the caller on the request. */
export interface WithCaller {
  caller?: Caller;
}

/** The caller as an argument of a handler. Only handlers without `@Open()` have one. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<WithCaller>();
  if (!caller) throw new Error('An open route has no caller: take @Open() or @CurrentCaller() away.');
  return caller;
});

export const OPEN = 'hub:open';
export const STAFF_ROLES = 'hub:staff-roles';

/** No token is asked for. Everything else is closed. */
export const Open = (): CustomDecorator => SetMetadata(OPEN, true);

/** Only staff, and where roles are named only with one of them. */
export const StaffOnly = (...roles: string[]): CustomDecorator => SetMetadata(STAFF_ROLES, roles);
