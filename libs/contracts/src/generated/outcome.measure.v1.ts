// Generated from schemas/ by `npm run generate`. Change the schema, not this file.

/**
 * One filled-in instrument of one young person. It keeps its own date, so it waits for nothing.
 */
export interface OutcomeMeasureV1 {
  /**
   * The instrument.
   */
  instrument: {
    /**
     * Code of the instrument; the list is configuration.
     */
    code: string;
    /**
     * Version of the instrument.
     */
    version: string;
  };
  /**
   * When it was filled in.
   */
  administeredOn: string;
  /**
   * Where in the intervention.
   */
  point: 'baseline' | 'review' | 'end';
  /**
   * Who answered.
   */
  respondent: 'young-person' | 'carer' | 'worker';
  /**
   * The scores, one for each scale.
   *
   * @minItems 1
   * @maxItems 20
   */
  scores: {
    /**
     * The scale, total where there is one only.
     */
    scale: string;
    /**
     * The score.
     */
    value: number;
  }[];
  /**
   * The intervention that it measures.
   */
  interventionCode: string;
  /**
   * Answers to the single questions.
   *
   * @maxItems 100
   */
  items?: {
    /**
     * The question.
     */
    item: string;
    /**
     * The answer as a number.
     */
    value: number;
  }[];
  /**
   * Change of the total since the baseline.
   */
  changeFromBaseline?: number;
  /**
   * How near the own goal is, 0 to 10.
   */
  goalRating?: number;
}
