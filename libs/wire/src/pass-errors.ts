import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Lets a handler's error reach `onHandlerError` as it was thrown. Without it Nest prints the error itself and passes
 * on a plain object without class or stack. Use: `app.useGlobalFilters(new PassErrors())`.
 */
@Catch()
export class PassErrors implements RpcExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
