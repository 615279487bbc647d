import { handlerCommands } from '../parts/handler.ts';
import { serveRole } from '../role.ts';

serveRole(handlerCommands);
