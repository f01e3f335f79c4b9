import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from '../problem.js';
import { OPEN, STAFF_ROLES, type Caller, type WithCaller } from './caller.js';
import { Verifier } from './verifier.js';

/** Stands before every handler: a request without a good token reaches none that is not marked open. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly verifier: Verifier,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (context.getType() !== 'http' || this.reflector.getAllAndOverride<boolean>(OPEN, places)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & WithCaller>();
    request.caller = await this.verifier.verify(request.headers.authorization);
    const roles = this.reflector.getAllAndOverride<string[] | undefined>(STAFF_ROLES, places);
    if (roles && !mayAsStaff(request.caller, roles)) throw new ProblemException('identity/not-allowed');
    return true;
  }
}

function mayAsStaff(caller: Caller, roles: string[]): boolean {
  return caller.kind === 'staff' && (roles.length === 0 || roles.some((role) => caller.roles.includes(role)));
}
