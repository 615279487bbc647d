import { subscriberCommands } from '../parts/subscriber.ts';
import { serveRole } from '../role.ts';

serveRole(subscriberCommands);
