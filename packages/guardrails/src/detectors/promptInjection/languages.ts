import type { Detector } from '../Detector';
import { injectionPattern } from './injectionPattern';

/** Up to four words of any script. */
const WORDS = '(?:[^\\s.,;:!?]{1,20} ){0,4}?';

interface Language {
  name: string;
  override: string;
  overrideAnchors: string[];
  concealment: string;
  concealmentAnchors: string[];
}

/** The two phrases that matter most, in the languages of the largest audiences. Patterns need no accents: texts are folded. */
const LANGUAGES: Language[] = [
  {
    name: 'German',
    override: `(?:ignoriere?n?|vergiss|vergessen sie|missachten?|beachte nicht|uberschreiben?|umgehen?|befolge nicht) ${WORDS}(?:anweisung(?:en)?|instruktion(?:en)?|regeln|vorgaben|befehle|richtlinien|prompts?|alles,? was (?:davor|oben|zuvor|bisher|du))`,
    overrideAnchors: [
      'ignorier',
      'vergiss',
      'vergessen sie',
      'missacht',
      'beachte nicht',
      'überschreib',
      'umgeh',
      'befolge nicht',
    ],
    concealment:
      '(?:(?:sag|sage|verrate|erzahle?|teile?|informiere?|erwahne?) (?:[^\\s.;!?]{1,20} ){0,4}?(?:nutzer|benutzer|anwender|user|menschen)s?(?:in)? (?:[^\\s.;!?]{1,20} ){0,3}?(?:nichts|nicht|niemals)|(?:sag|sage|verrate|erzahle?|erwahne?) (?:[^\\s.;!?]{1,20} ){0,3}?(?:nichts|nicht|niemals) (?:[^\\s.;!?]{1,20} ){0,2}?(?:nutzer|benutzer|anwender|user))',
    concealmentAnchors: [
      'sag',
      'verrate',
      'erzähl',
      'teil',
      'informier',
      'erwähn',
    ],
  },
  {
    name: 'French',
    override: `(?<!n')(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) (?:pas|aucun) compte|contourne[zr]?|neglige[zr]?) ${WORDS}(?:instructions?|consignes?|regles|directives?|ordres|prompts?|tout ce qui precede)`,
    overrideAnchors: [
      'ignore',
      'oublie',
      'ne tiens',
      'ne tenez',
      'contourne',
      'néglige',
    ],
    concealment:
      "(?:ne (?:le |la |l')?(?:dis|dites|revele|revelez|mentionne|mentionnez|informe|informez|parle|parlez|previens|prevenez) (?:pas|rien|jamais|surtout pas) (?:[^\\s.;!?]{1,20} ){0,5}?(?:l'utilisateur|utilisateurs?|usagers?)|(?:sans (?:le dire|en informer|prevenir)) (?:[^\\s.;!?]{1,20} ){0,2}?(?:l'utilisateur|utilisateurs?))",
    concealmentAnchors: ['ne ', 'sans '],
  },
  {
    name: 'Spanish',
    override: `(?<!no )(?:ignora[rd]?|ignore|olvida[rd]?|olvide|omite|omita|descarta|no (?:sigas|obedezcas|hagas caso)) ${WORDS}(?:instrucciones|instruccion|reglas|ordenes|indicaciones|directrices|prompts?|todo lo anterior)`,
    overrideAnchors: [
      'ignora',
      'ignore',
      'olvida',
      'olvide',
      'omit',
      'descarta',
      'no sigas',
      'no obedezcas',
      'no hagas',
    ],
    concealment:
      '(?:(?:no (?:le |se lo )?(?:digas|diga|reveles|menciones|informes|cuentes|avises)) (?:[^\\s.;!?]{1,20} ){0,4}?(?:usuarios?|usuaria)|sin (?:decirle|decirselo|informar|avisar) (?:[^\\s.;!?]{1,20} ){0,2}?usuarios?)',
    concealmentAnchors: ['no ', 'sin '],
  },
  {
    name: 'Portuguese',
    override: `(?<!nao )(?:ignor[ea]r?|esquec[ea]r?|desconsider[ea]r?|desobedeca|nao siga) ${WORDS}(?:instrucoes|instrucao|regras|ordens|comandos|diretrizes|prompts?|tudo (?:acima|o que))`,
    overrideAnchors: [
      'ignor',
      'esqueç',
      'esquece',
      'desconsider',
      'desobedeça',
      'não siga',
    ],
    concealment:
      '(?:nao (?:diga|conte|revele|mencione|informe|avise|fale) (?:[^\\s.;!?]{1,20} ){0,4}?(?:usuarios?|utilizador(?:es)?)|sem (?:avisar|informar|contar|dizer) (?:[^\\s.;!?]{1,20} ){0,2}?(?:usuarios?|utilizador))',
    concealmentAnchors: ['não ', 'sem '],
  },
  {
    name: 'Italian',
    override: `(?<!non )(?:ignora(?:re|te)?|dimentica(?:re|te)?|trascura|non seguire) ${WORDS}(?:istruzioni|regole|direttive|ordini|comandi|prompts?)`,
    overrideAnchors: ['ignora', 'dimentica', 'trascura', 'non seguire'],
    concealment:
      "(?:non (?:dire|dirlo|rivelare|menzionare|informare) (?:[^\\s.;!?]{1,20} ){0,4}?(?:all'utente|l'utente|utent[ei]))",
    concealmentAnchors: ['non '],
  },
  {
    name: 'Russian',
    override: `(?:(?:про)?игнорируй(?:те)?|забудь(?:те)?|не (?:следуй|выполняй|обращай внимания на)(?:те)?|отмени(?:те)?|обойди) ${WORDS}(?:инструкци[йяию]|указани[йяе]|правил[а]?|команд[ыу]?|предписани[яй]|промпт[ыа]?|все,? что (?:выше|было))`,
    overrideAnchors: [
      'игнорируй',
      'проигнорируй',
      'забудь',
      'не следуй',
      'не выполняй',
      'не обращай',
      'отмени',
      'обойди',
    ],
    concealment:
      '(?:не (?:говори|сообщай|рассказывай|раскрывай|упоминай)(?:те)? (?:[^\\s.;!?]{1,20} ){0,4}?(?:пользовател[юяе]м?|юзеру))',
    concealmentAnchors: ['не '],
  },
];

/** Languages that put no space between words. */
const UNSPACED: Detector[] = [
  injectionPattern({
    name: 'override',
    description: 'Finds orders in Chinese to ignore earlier instructions.',
    severity: 'critical',
    anchors: [
      '忽略',
      '无视',
      '無視',
      '忘记',
      '忘記',
      '忘掉',
      '不要遵守',
      '不要遵循',
      '忽視',
      '忽视',
      '绕过',
    ],
    phrase:
      '(?:忽略|无视|無視|忘记|忘記|忘掉|不要遵守|不要遵循|忽視|忽视|绕过)[^。！？\\n]{0,20}?(?:指令|指示|提示词?|提示詞?|规则|規則|命令|要求|限制|设定|設定)',
  }),
  injectionPattern({
    name: 'concealment',
    description: 'Finds orders in Chinese to hide something from the user.',
    severity: 'high',
    anchors: ['不要', '别', '不得', '请勿', '切勿', '不能'],
    phrase:
      '(?:不要|别|不得|请勿|切勿|不能)(?:向|让|對|对|跟)?[^。！？，\\n]{0,10}?(?:告诉|告訴|告知|透露|提及|通知|知道|提到)[^。！？\\n]{0,10}?(?:用户|用戶|使用者)|(?:不要|别|不得|请勿|切勿|不能)(?:向|让|對|对|跟)(?:用户|用戶|使用者)[^。！？\\n]{0,10}?(?:透露|提及|知道|说|提到|披露)',
  }),
  injectionPattern({
    name: 'override',
    description: 'Finds orders in Japanese to ignore earlier instructions.',
    severity: 'critical',
    anchors: [
      'これまで',
      '以前の',
      '前の',
      '上記',
      '以上の',
      '今までの',
      '先ほど',
      'すべての',
      '全ての',
      '従来の',
      'システム',
    ],
    phrase:
      '(?:これまで|以前の|前の|上記|以上の|今までの|先ほど|すべての|全ての|従来の|システム)[^。！？\\n]{0,15}?(?:指示|命令|ルール|プロンプト|規則|制約|設定)[^。！？\\n]{0,8}?(?:無視|忘れ|破棄|従わない|取り消)',
  }),
  injectionPattern({
    name: 'concealment',
    description: 'Finds orders in Japanese to hide something from the user.',
    severity: 'high',
    anchors: ['ユーザー', '利用者', 'ユーザ'],
    phrase:
      '(?:ユーザー?|利用者)(?:には|に|へは)[^。！？\\n]{0,15}?(?:伝えない|言わない|知らせない|教えない|報告しない|明かさない|伝えず|知らせず|話さない)',
  }),
  injectionPattern({
    name: 'override',
    description: 'Finds orders in Korean to ignore earlier instructions.',
    severity: 'critical',
    anchors: ['이전', '위의', '지금까지', '앞의', '모든'],
    phrase:
      '(?:이전|위의|지금까지|앞의|모든)[^.!?\\n]{0,15}?(?:지시|명령|지침|규칙|프롬프트)[^.!?\\n]{0,8}?(?:무시|잊어|따르지)',
  }),
];

/** Phrases in other languages than English that try to steer a model. */
export const OTHER_LANGUAGE_INJECTIONS: Detector[] = [
  ...LANGUAGES.flatMap(language => [
    injectionPattern({
      name: 'override',
      description: `Finds orders in ${language.name} to ignore earlier instructions.`,
      severity: 'critical',
      anchors: language.overrideAnchors,
      phrase: language.override,
    }),
    injectionPattern({
      name: 'concealment',
      description: `Finds orders in ${language.name} to hide something from the user.`,
      severity: 'high',
      anchors: language.concealmentAnchors,
      phrase: language.concealment,
    }),
  ]),
  ...UNSPACED,
];
