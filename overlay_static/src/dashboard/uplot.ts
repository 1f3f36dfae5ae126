/** The chart library with its style, in a file of their own that only pages with charts fetch. */
import 'uplot/dist/uPlot.min.css';
export { default } from 'uplot';
