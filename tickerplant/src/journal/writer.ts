import { serveJournal } from '@tickerplant/journal';
import { PlantWriter } from './plant-writer.ts';
import type { PlantJournalContents, PlantJournalPlace, PlantJournalRequest } from './requests.ts';

// The file of the thread that writes a plant's journal.

serveJournal<PlantJournalPlace, PlantJournalRequest, PlantJournalContents>(
  (place, tell) => new PlantWriter(place, tell),
);
