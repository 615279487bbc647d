// A daily statement of cash and debt: the lines of the real one, amounts of nobody's.
import type { Random } from '@tickerplant/core';
import { type Fields, good, grouped, type Made, none } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;
type Amounts = readonly number[];

/** A table of the statement. */
interface Sheet {
  readonly name: string;
  readonly title?: string;
  readonly header: readonly string[];
  /** Fields of the amounts; where each ends, and where its dollar sign stands. */
  readonly columns: readonly (readonly [field: string, end: number, dollar: number])[];
  /** Lines as they stand there; `\` at the end of one whose label goes on in the next. */
  readonly lines: string;
  /** What headings set, and the labels for which that isn't so. */
  readonly sets?: { readonly field: string; readonly outside: readonly string[] };
  /** The inner heading of a label. */
  readonly inner?: Readonly<Record<string, string>>;
  /** Whether rows have that field at all. */
  readonly hasInner?: boolean;
  /** Amounts that follow from others above, by label; `at` tells of labels that stand there twice. */
  readonly totals: Readonly<Record<string, (of: (label: string, at?: number) => Amounts) => Amounts>>;
  /** Symbols of labels that stand there twice. */
  readonly twice?: Readonly<Record<string, readonly string[]>>;
  /** Whether symbols have the heading in them. */
  readonly isBySection?: boolean;
  readonly below?: readonly string[];
}

const DASHES = ` ${'_'.repeat(91)}`;
const flows = (name: string, pad: number): string[] => [
  '                                                                     This         Fiscal',
  `${' '.repeat(pad)}${name}`.padEnd(55).concat('Today         month         year'),
  '                                                                    to date      to date',
];
const plus = (...terms: readonly Amounts[]): Amounts =>
  terms.reduce((sum, term) => sum.map((value, at) => value + term[at]!));
const minus = (from: Amounts, ...terms: readonly Amounts[]): Amounts =>
  terms.reduce((rest, term) => rest.map((value, at) => value - term[at]!), from);
/** A balance as it is now, and as it was before each of some changes. */
const before = (now: number, changes: Amounts): Amounts => [now, ...changes.map((change) => now - change)];
const FLOW = (today: number, month: number, dollar: number): Sheet['columns'] => [
  ['today', today, 51],
  ['month', month, 65],
  ['year', 92, dollar],
];
const BALANCE: Sheet['columns'] = [
  ['closing', 52, 40],
  ['openingToday', 65, 53],
  ['openingMonth', 78, 66],
  ['openingYear', 92, 79],
];
const all =
  (...labels: readonly string[]) =>
  (of: (label: string) => Amounts): Amounts =>
    plus(...labels.map((label) => of(label)));

const ACCOUNTS = { field: 'account', outside: ['Total Deposits (excluding transfers)'] };
const OTHERS = [
  "Agency for Internat'l Development",
  'Agriculture',
  'Federal Crop Ins. Corp.',
  'Federal Financing Bank',
  'Thrift Savings Plan Transfer',
  'Unclassified',
];
const byOther = (labels: readonly string[], heading: string): Record<string, string> =>
  Object.fromEntries(labels.map((label) => [label, heading]));

const SHEETS: readonly (readonly Sheet[])[] = [
  [
    {
      name: 'cash',
      title: 'TABLE I  Operating Cash Balance',
      header: [
        '                                                                 Opening balance',
        '                                           Closing   ______________________________________',
        '            Type of account                balance                    This         This',
        '                                            today        Today        month       fiscal',
        '                                                                                   year',
      ],
      columns: BALANCE,
      lines: `
 Federal Reserve Account
 Supplementary Financing Program\\
 Account
 Short-Term Cash Investments (Table V)
   Total Operating Balance`,
      totals: {
        'Federal Reserve Account': (of) => before(90_000, of('withdrawals.Net Change in Operating Cash Balance')),
        'Supplementary Financing Program Account': () => [12, 12, 12, 12],
        'Short-Term Cash Investments (Table V)': () => [0, 0, 0, 0],
        'Total Operating Balance': all(
          'Federal Reserve Account',
          'Supplementary Financing Program Account',
          'Short-Term Cash Investments (Table V)',
        ),
      },
    },
  ],
  [
    {
      name: 'deposits',
      title: 'TABLE II  Deposits and Withdrawals of Operating Cash',
      header: flows('Deposits', 21),
      columns: FLOW(64, 78, 79),
      lines: `
 Federal Reserve Account:
   Agriculture Loan Repayments (misc)
   Air Transport Security Fees
   Cash FTD's Received (Table IV)
   Commodity Credit Corporation programs
   Customs and Certain Excise Taxes
   Deposits by States:
    Supplemental Security Income
    Unemployment
   Education Department programs
   Energy Department programs
   Estate and Gift Taxes
   Federal Reserve Earnings
   Foreign Deposits, Military Sales
   Housing and Urban Development programs
   Individual Income and Employment\\
    Taxes, Not Withheld
   Interest recd from cash investments
   Justice Department programs
   Postal Service
   Public Debt Cash Issues (Table III-B)
   Other Deposits:
    Federal Housing Admin: Note Sales
    TARP
    Total Other Deposits
   Change in Balance of Uncollected\\
    Funds
   Transfers from Depositaries
     Total Federal Reserve Account
 Short-Term Cash Investments:
 Transfers from Federal Reserve Account\\
   (Table V)
 Total Deposits (excluding transfers)`,
      sets: ACCOUNTS,
      hasInner: true,
      inner: {
        ...byOther(['Supplemental Security Income', 'Unemployment'], 'Deposits by States'),
        ...byOther(['Federal Housing Admin: Note Sales', 'TARP', 'Total Other Deposits'], 'Other Deposits'),
      },
      totals: {
        'Total Other Deposits': all('Federal Housing Admin: Note Sales', 'TARP'),
        'Total Federal Reserve Account': all(
          'Agriculture Loan Repayments (misc)',
          'Air Transport Security Fees',
          "Cash FTD's Received (Table IV)",
          'Commodity Credit Corporation programs',
          'Customs and Certain Excise Taxes',
          'Supplemental Security Income',
          'Unemployment',
          'Education Department programs',
          'Energy Department programs',
          'Estate and Gift Taxes',
          'Federal Reserve Earnings',
          'Foreign Deposits, Military Sales',
          'Housing and Urban Development programs',
          'Individual Income and Employment Taxes, Not Withheld',
          'Interest recd from cash investments',
          'Justice Department programs',
          'Postal Service',
          'Public Debt Cash Issues (Table III-B)',
          'Total Other Deposits',
          'Change in Balance of Uncollected Funds',
          'Transfers from Depositaries',
        ),
        'Total Deposits (excluding transfers)': (of) =>
          minus(of('Total Federal Reserve Account'), of('Transfers from Depositaries')),
      },
    },
  ],
  [
    {
      name: 'withdrawals',
      header: flows('Withdrawals', 20),
      columns: FLOW(63, 77, 79),
      lines: `
 Federal Reserve Account:
   Commodity Credit Corporation programs
   Defense Vendor Payments (EFT)
   Education Department programs
   Energy Department programs
   Federal Employees Insurance Payments
   Fed. Highway Administration programs
   Federal Salaries (EFT)
   Food and Nutrition Service (misc)
   GSA programs
   Health and Human Services Grants (misc)
   Housing and Urban Development programs
   Interest on Treasury Securities
   IRS Tax Refunds Business (EFT)
   IRS Tax Refunds Individual (EFT)
   Justice Department programs
   Labor Dept. prgms (excl. unemployment)
   Medicaid
   Medicare
   NASA programs
   Postal Service Money Orders and Other
   Public Debt Cash Redemp. (Table III-B)
   Social Security Benefits (EFT)
   Supple. Nutrition Assist. Program (SNAP)
   Temporary Assistance for Needy\\
    Families (HHS)
   Transportation Security Admin. (DHS)
   Unemployment Insurance Benefits
   Veterans Affairs programs
   Other Withdrawals:
    Agency for Internat'l Development
    Agriculture
    Federal Crop Ins. Corp.
    Federal Financing Bank
    Thrift Savings Plan Transfer
    Unclassified
    Total, Other Withdrawals
   Transfers to Depositaries
     Total Federal Reserve Account
 Short-Term Cash Investments:
   Transfers to Federal Reserve Account\\
    (Table V)
 Total Withdrawals (excluding transfers)
 Net Change in Operating Cash Balance`,
      sets: {
        field: 'account',
        outside: ['Total Withdrawals (excluding transfers)', 'Net Change in Operating Cash Balance'],
      },
      hasInner: true,
      inner: byOther([...OTHERS, 'Total, Other Withdrawals'], 'Other Withdrawals'),
      totals: {
        'Total, Other Withdrawals': all(...OTHERS),
        'Total Federal Reserve Account': (of) =>
          plus(
            ...[
              'Commodity Credit Corporation programs',
              'Defense Vendor Payments (EFT)',
              'Education Department programs',
              'Energy Department programs',
              'Federal Employees Insurance Payments',
              'Fed. Highway Administration programs',
              'Federal Salaries (EFT)',
              'Food and Nutrition Service (misc)',
              'GSA programs',
              'Health and Human Services Grants (misc)',
              'Housing and Urban Development programs',
              'Interest on Treasury Securities',
              'IRS Tax Refunds Business (EFT)',
              'IRS Tax Refunds Individual (EFT)',
              'Justice Department programs',
              'Labor Dept. prgms (excl. unemployment)',
              'Medicaid',
              'Medicare',
              'NASA programs',
              'Postal Service Money Orders and Other',
              'Public Debt Cash Redemp. (Table III-B)',
              'Social Security Benefits (EFT)',
              'Supple. Nutrition Assist. Program (SNAP)',
              'Temporary Assistance for Needy Families (HHS)',
              'Transportation Security Admin. (DHS)',
              'Unemployment Insurance Benefits',
              'Veterans Affairs programs',
              'Total, Other Withdrawals',
              'Transfers to Depositaries',
            ].map((label) => of(label)),
          ),
        'Total Withdrawals (excluding transfers)': (of) =>
          minus(of('Total Federal Reserve Account'), of('Transfers to Depositaries')),
        'Net Change in Operating Cash Balance': (of) =>
          minus(of('deposits.Total Deposits (excluding transfers)'), of('Total Withdrawals (excluding transfers)')),
      },
    },
  ],
  [
    {
      name: 'issues',
      title: 'TABLE III-A  Public Debt Transactions',
      header: flows('Issues', 22),
      columns: FLOW(63, 77, 79),
      lines: `
 Marketable:
   Bills:
    Regular Series
    Cash Management Series
   Notes
   Bonds
   Inflation-Protected Securities Increment
   Federal Financing Bank
 Nonmarketable:
   United States Savings Securities:
    Cash Issue Price
    Interest Increment
   Government Account Series
   Hope Bonds
   Domestic Series
   Foreign Series
   State and Local Series
   Other
 Total Issues`,
      sets: { field: 'type', outside: ['Total Issues'] },
      hasInner: true,
      inner: {
        ...byOther(['Regular Series', 'Cash Management Series'], 'Bills'),
        ...byOther(['Cash Issue Price', 'Interest Increment'], 'United States Savings Securities'),
      },
      totals: {
        'Total Issues': all(
          'Regular Series',
          'Cash Management Series',
          'Notes',
          'Bonds',
          'Inflation-Protected Securities Increment',
          'Federal Financing Bank',
          'Cash Issue Price',
          'Interest Increment',
          'Government Account Series',
          'Hope Bonds',
          'Domestic Series',
          'Foreign Series',
          'State and Local Series',
          'Other',
        ),
      },
      below: [
        ' (Stated at face value except for savings and retirement plan',
        ' securities which are stated at current redemption values.)',
      ],
    },
    {
      name: 'redemptions',
      header: flows('Redemptions', 19),
      columns: FLOW(64, 77, 78),
      lines: `
 Marketable:
   Bills
   Notes
   Bonds
   Federal Financing Bank
 Nonmarketable:
   United States Savings Securities
   Government Account Series
   Hope Bonds
   Domestic Series
   Foreign Series
   State and Local Series
   Other
 Total Redemptions
 Net Change in Public Debt Outstanding`,
      sets: { field: 'type', outside: ['Total Redemptions', 'Net Change in Public Debt Outstanding'] },
      totals: {
        'Total Redemptions': all(
          'Bills',
          'Notes',
          'Bonds',
          'Federal Financing Bank',
          'United States Savings Securities',
          'Government Account Series',
          'Hope Bonds',
          'Domestic Series',
          'Foreign Series',
          'State and Local Series',
          'Other',
        ),
        'Net Change in Public Debt Outstanding': (of) => minus(of('issues.Total Issues'), of('Total Redemptions')),
      },
    },
  ],
  [
    {
      name: 'adjustment',
      title: 'TABLE III-B  Adjustment of Public Debt Transactions to Cash Basis',
      header: flows('Transactions', 19),
      columns: FLOW(64, 78, 79),
      lines: `
 Public Debt Cash Issues:
   Public Debt Issues (Table III-A)
   Premium on New Issues
   Discount on New Issues:
    Bills (-)
    Bonds and Notes (-)
   Federal Financing Bank (-)
   Government Account Transactions (-)
   Hope Bonds (-)
   Interest Increment on United States\\
    Savings Securities (-)
   Inflation-Protected Securities Increment
   Total Public Debt Cash Issues\\
    Deposited in Federal Reserve Account
 Public Debt Cash Redemptions:
   Public Debt Redemptions (Table III-A)
   Premium on Debt Buyback Operation
   Discount on Debt Buyback Operation (-)
   Federal Financing Bank (-)
   Government Account Transactions (-)
   Hope Bonds (-)
   Total Public Debt Cash Redemptions\\
    Withdrawn from Federal Reserve Acct.`,
      sets: { field: 'type', outside: [] },
      hasInner: true,
      inner: byOther(['Bills (-)', 'Bonds and Notes (-)'], 'Discount on New Issues'),
      isBySection: true,
      totals: {
        'Public Debt Issues (Table III-A)': (of) => of('issues.Total Issues'),
        'Public Debt Redemptions (Table III-A)': (of) => of('redemptions.Total Redemptions'),
        'Total Public Debt Cash Issues Deposited in Federal Reserve Account': (of) =>
          minus(
            plus(of('Public Debt Issues (Table III-A)'), of('Premium on New Issues')),
            of('Bills (-)'),
            of('Bonds and Notes (-)'),
            of('Federal Financing Bank (-)'),
            of('Government Account Transactions (-)'),
            of('Hope Bonds (-)'),
            of('Interest Increment on United States Savings Securities (-)'),
            of('Inflation-Protected Securities Increment'),
          ),
        'Total Public Debt Cash Redemptions Withdrawn from Federal Reserve Acct.': (of) =>
          minus(
            plus(of('Public Debt Redemptions (Table III-A)'), of('Premium on Debt Buyback Operation')),
            of('Discount on Debt Buyback Operation (-)'),
            of('Federal Financing Bank (-)', 1),
            of('Government Account Transactions (-)', 1),
            of('Hope Bonds (-)', 1),
          ),
      },
    },
  ],
  [
    {
      name: 'debt',
      title: 'TABLE III-C  Debt Subject to Limit',
      header: [
        '                                                                 Opening balance',
        '                                          Closing    ______________________________________',
        '         Balance Transactions             balance                     This         This',
        '                                           today         Today        month       fiscal',
        '                                                                                   year',
      ],
      columns: [['closing', 52, 38], ...BALANCE.slice(1)],
      lines: `
 Debt Held by the Public
 Intragovernmental Holdings
 Total Public Debt\\
    Outstanding
 Less: Debt Not\\
   Subject to Limit:
    Other Debt
    Unamortized Discount
    Federal Financing Bank
    Hope Bonds
 Plus: Other Debt Subject to Limit#
   Guaranteed Debt of\\
    Government Agencies
 Total Public Debt\\
    Subject to Limit
 Statutory Debt Limit`,
      totals: {
        'Debt Held by the Public': (of) => before(9_000_000, of('redemptions.Net Change in Public Debt Outstanding')),
        'Intragovernmental Holdings': () => [4_123_456, 4_123_456, 4_123_456, 4_123_456],
        'Total Public Debt Outstanding': all('Debt Held by the Public', 'Intragovernmental Holdings'),
        'Total Public Debt Subject to Limit': (of) =>
          minus(
            plus(of('Total Public Debt Outstanding'), of('Guaranteed Debt of Government Agencies')),
            of('Other Debt'),
            of('Unamortized Discount'),
            of('Federal Financing Bank'),
            of('Hope Bonds'),
          ),
      },
      below: ['', '  Unamortized Discount represents the discount adjustment on  Treasury bills and zero-coupon'],
    },
  ],
  [
    {
      name: 'taxes',
      title: 'TABLE IV  Federal Tax Deposits',
      header: flows('Classification', 18),
      columns: FLOW(63, 77, 78),
      lines: `
 Withheld Income and Employment Taxes
 Individual Income Taxes
 Railroad Retirement Taxes
 Excise Taxes
 Corporation Income Taxes
 Federal Unemployment Taxes
 Estate and Gift Taxes & Misc IRS Rcpts.
    Total
 Cash Federal Tax Deposits:
   Direct
   Through Depositaries
    Total Cash FTD's
 Inter-agency Transfers
    Total`,
      sets: { field: 'type', outside: ['Inter-agency Transfers', 'Total'] },
      twice: { Total: ['taxes.Total_by_tax', 'taxes.Total_by_way'] },
      totals: {
        Total: all(
          'Withheld Income and Employment Taxes',
          'Individual Income Taxes',
          'Railroad Retirement Taxes',
          'Excise Taxes',
          'Corporation Income Taxes',
          'Federal Unemployment Taxes',
          'Estate and Gift Taxes & Misc IRS Rcpts.',
        ),
        "Total Cash FTD's": all('Direct', 'Through Depositaries'),
        // What isn't paid in cash is moved between agencies.
        'Inter-agency Transfers': (of) => minus(of('Total'), of("Total Cash FTD's")),
      },
    },
    {
      name: 'investments',
      title: 'TABLE V  Short-Term Cash Investments',
      header: [
        '                                                  Type of Depositary',
        '          Balance Transactions          ______________________________________     Total',
        '                                              A            B            C',
      ],
      columns: [
        ['a', 52, 40],
        ['b', 65, 53],
        ['c', 78, 66],
        ['total', 92, 79],
      ],
      lines: `
 Opening Balance Today
 Deposits:
   Transfers to Depositaries
   Special Direct Investment
   Term Investment
   Repo Investment
 Withdrawals:
   Treasury Initiated
   Depositary Initiated
   Special Direct Investment
   Term Investment
   Repo Investment
 Closing Balance Today`,
      sets: { field: 'type', outside: ['Opening Balance Today', 'Closing Balance Today'] },
      isBySection: true,
      totals: {
        'Closing Balance Today': (of) =>
          minus(
            plus(
              of('Opening Balance Today'),
              of('Transfers to Depositaries'),
              of('Special Direct Investment'),
              of('Term Investment'),
              of('Repo Investment'),
            ),
            of('Treasury Initiated'),
            of('Depositary Initiated'),
            of('Special Direct Investment', 1),
            of('Term Investment', 1),
            of('Repo Investment', 1),
          ),
      },
    },
  ],
  [
    {
      name: 'refunds',
      title: 'TABLE VI  Income Tax Refunds Issued',
      header: flows('Classification', 18),
      columns: FLOW(63, 77, 78),
      lines: `
 IRS Tax Refunds Business (Checks)
 IRS Tax Refunds Business (EFT)
 IRS Tax Refunds Individual (Checks)
 IRS Tax Refunds Individual (EFT)`,
      totals: {
        'IRS Tax Refunds Business (EFT)': (of) => of('withdrawals.IRS Tax Refunds Business (EFT)'),
        'IRS Tax Refunds Individual (EFT)': (of) => of('withdrawals.IRS Tax Refunds Individual (EFT)'),
      },
      below: [
        "   This statement summarizes  the United States Treasury's cash and debt",
        '   operations. For more information, call the Forecasting  Division at 202-555-0142.',
      ],
    },
  ],
];

const amount = (value: number): string => (value < 0 ? `-${grouped(String(-value))}` : grouped(String(value)));

/** @param known amounts by table and label; those of this one are added. */
function table(random: Random, sheet: Sheet, isSuspended: boolean, known: Map<string, Amounts[]>): Page {
  const rows: string[] = [];
  const live: { subject: string; fields: Fields }[] = [];
  if (sheet.title !== undefined) rows.push(DASHES, `      ${sheet.title}`);
  rows.push(DASHES, ...sheet.header, '_'.repeat(92), ' ');
  const of = (label: string, at = 0): Amounts => (known.get(`${sheet.name}.${label}`) ?? known.get(label))![at]!;
  let begun = '';
  let outer = '';
  let isFirst = true;
  for (const line of sheet.lines.split('\n').slice(1)) {
    if (line.endsWith('\\')) {
      rows.push(line.slice(0, -1));
      begun = `${line.slice(0, -1).trim()} `;
      continue;
    }
    const label = begun + line.trim();
    begun = '';
    if (line.endsWith(':') || line.endsWith('#')) {
      rows.push(line.replace('#', ''));
      if (sheet.inner === undefined || line[1] !== ' ') outer = label.slice(0, -1);
      continue;
    }
    const rule = sheet.totals[label];
    const isZero = rule === undefined && random.below(4) === 0;
    const day = 3 + random.below(900);
    const month = day + random.below(9000);
    const year = month + random.below(900_000);
    const base = sheet.columns.length === 3 ? [day, month, year] : [year, month, day + month, day];
    let values = rule?.(of) ?? base.map((value) => (isZero ? 0 : value));
    // Rounding: totals of many lines are out by one.
    if (label === 'Total Issues' || label === 'Total Redemptions') values = values.map((value) => value + 1);
    const same = [...(known.get(`${sheet.name}.${label}`) ?? []), values];
    known.set(`${sheet.name}.${label}`, same);
    const isDollar = isFirst || label.startsWith('Total') || label === 'Statutory Debt Limit';
    isFirst = false;
    const marks = isSuspended && label === 'Statutory Debt Limit' ? 2 : 0;
    let text = line;
    const fields: Fields = {};
    if (sheet.sets !== undefined) fields[sheet.sets.field] = sheet.sets.outside.includes(label) ? '' : outer;
    if (sheet.hasInner === true) fields.subtype = sheet.inner?.[label] ?? '';
    fields.item = label;
    sheet.columns.forEach(([field, end, dollar], at) => {
      // The mark stands in the middle.
      const digits = at < marks ? '*' : amount(values[at]!);
      const stop = at < marks ? [47, 60][at]! : end;
      text = text.padEnd(dollar);
      if (isDollar) text += '$';
      text = text.padEnd(stop - digits.length) + digits;
      fields[field] = at < marks ? null : String(values[at]!);
    });
    rows.push(text);
    const section = sheet.isBySection === true && fields.type !== '' ? [String(fields.type)] : [];
    const places = sheet.twice?.[label];
    const symbol = places?.[same.length - 1] ?? [sheet.name, ...section, label].join('.').replaceAll(' ', '_');
    live.push({ subject: `TREASURY-DTS.${symbol}`, fields });
  }
  rows.push(...(sheet.below ?? []));
  return { rows, live };
}

function statement(random: Random, isSuspended = false, day = 4): Page {
  // 4 March 2013 was a Monday.
  const week = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
  const date = `${week[day - 4]}, March ${day}, 2013`;
  const rows: string[] = [];
  const live: { subject: string; fields: Fields }[] = [
    { subject: 'TREASURY-DTS.STATEMENT', fields: { date: `2013-03-0${day}` } },
  ];
  const known = new Map<string, Amounts[]>();
  // What the balances of the first page have changed by stands on the third.
  const made = new Map(
    [1, 2, 0, 3, 4, 5, 6, 7].map((page) => [
      page,
      SHEETS[page]!.map((sheet) => table(random, sheet, isSuspended, known)),
    ]),
  );
  SHEETS.forEach((_, index) => {
    rows.push(
      `${index === 0 ? '' : ' '}1                             DAILY TREASURY STATEMENT                               PAGE: ${index + 1}`,
      '               Cash and debt operations of the United States Treasury',
      `                              ${date}`,
      '                (Detail, rounded in millions, may not add to totals)',
    );
    for (const one of made.get(index)!) {
      rows.push(...one.rows);
      live.push(...one.live);
    }
    rows.push('');
  });
  return { rows, live };
}

/** Without the items whose symbols begin so. */
const without = ({ rows, live }: Page, ...subjects: readonly string[]): Page => ({
  rows,
  live: live.filter(({ subject }) => !subjects.some((start) => subject.startsWith(`TREASURY-DTS.${start}`))),
});

/** What is proven by the total of the issues. */
const BY_ISSUES = ['issues.', 'redemptions.Net_Change'];
const BY_WITHDRAWALS = ['refunds.IRS_Tax_Refunds_Business_(EFT)', 'refunds.IRS_Tax_Refunds_Individual_(EFT)'];

/** A line that nobody knows, in a total. */
function lineAdded(page: Page): Page {
  const at = page.rows.findIndex((row) => row.startsWith('   Hope Bonds '));
  const line = `   Floating Rate Notes${'1,234'.padStart(41)}${'2,345'.padStart(14)}${'34,567'.padStart(15)}`;
  const total = page.rows.findIndex((row) => row.startsWith(' Total Issues'));
  const more = page.rows[total]!.replace(/ *[\d,]+/g, (text) =>
    grouped(String(Number(text.replaceAll(',', '')) + 9000)).padStart(text.length),
  );
  const rows = page.rows.map((row, index) => (index === total ? more : row));
  return without({ rows: [...rows.slice(0, at), line, ...rows.slice(at)], live: page.live }, ...BY_ISSUES);
}

function renamed(page: Page): Page {
  const at = page.rows.findIndex((row) => row.includes('  Withdrawals  '));
  const rows = page.rows.map((row, index) => (index === at - 1 ? row.replace('Fiscal', 'Calend') : row));
  return without({ rows, live: page.live }, 'withdrawals.', ...BY_WITHDRAWALS);
}

/** The first page of the older layout. */
function boxed(random: Random, type = 'Type of account'): Page {
  const draw = (): Amounts => Array.from({ length: 4 }, () => 900 + random.below(50_000));
  const [reserve, notes] = [draw(), draw()];
  const total = plus(reserve, notes).map((value) => value - random.below(2));
  const net = total.slice(1).map((value) => total[0]! - value);
  const cells = (values: Amounts, dollar: string): string =>
    values.map((value) => `${dollar}${amount(value).padStart(11)}`).join('    ');
  const rows = [
    '1                            DAILY TREASURY STATEMENT                            PAGE:    1',
    '                   Cash and debt operations of the United States Treasury',
    '                               Friday    June 30, 2006',
    '                    (Detail, rounded in millions, may not add to totals)',
    ' ',
    ' ',
    DASHES,
    '      TABLE I      Operating Cash Balance                                                  |',
    DASHES,
    ' |                         |               |          Opening balance                      |',
    ' |                         _________________________________________________________________',
    ' |                                    Closing |              |              |      This    |',
    ` |   ${type}       |          balance |              |      This    |      fiscal  |`,
    ' |                         |          today   |      Today   |      month   |      year    |',
    DASHES,
    ' ',
    ` Federal Reserve Account        ${cells(reserve, '$')}`,
    ' Tax and Loan Note Accounts',
    `      (Table V)                 ${cells(notes, ' ')}`,
    `     Total Operating Balance    ${cells(total, ' ')}`,
    '',
    ` Net Change in Operating Cash Balance           ${cells(net, ' ')}`,
  ];
  const item = (label: string, values: Amounts): { subject: string; fields: Fields } => ({
    subject: `TREASURY-DTS-2006.cash.${label.replaceAll(' ', '_')}`,
    fields: {
      item: label,
      closing: String(values[0]),
      openingToday: String(values[1]),
      openingMonth: String(values[2]),
      openingYear: String(values[3]),
    },
  });
  return {
    rows,
    live: [
      { subject: 'TREASURY-DTS-2006.STATEMENT', fields: { date: '2006-06-30' } },
      {
        subject: 'TREASURY-DTS-2006.withdrawals.Net_Change_in_Operating_Cash_Balance',
        fields: { today: String(net[0]), month: String(net[1]), year: String(net[2]) },
      },
      item('Federal Reserve Account', reserve),
      item('Tax and Loan Note Accounts (Table V)', notes),
      item('Total Operating Balance', total),
    ],
  };
}

const headOnly = (page: Page): Page => ({ rows: page.rows, live: page.live.slice(0, 2) });
const inBillions = ({ rows }: Page): Page => ({
  rows: rows.map((row) => row.replace('in millions', 'in billions')),
  live: [],
});

export const TREASURY: Readonly<Record<string, readonly Made[]>> = {
  'treasury-dts-2013': [
    good('monday', (random) => statement(random), 201),
    good('limit-suspended', (random) => statement(random, true, 6), 202),
    { ...good('line-added', (random) => lineAdded(statement(random, false, 7)), 203), drifted: true },
    { ...good('header-renamed', (random) => renamed(statement(random, false, 5)), 204), drifted: true },
  ],
  'treasury-dts-2006': [
    good('june', (random) => boxed(random), 211),
    good('july', (random) => boxed(random), 212),
    { ...good('table-renamed', (random) => headOnly(boxed(random, 'Kind of account')), 213), drifted: true },
    none('in-billions', (random) => inBillions(boxed(random)), 214),
  ],
};
