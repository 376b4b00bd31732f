/** The program imports the script as text, to serve it. */
declare const source: string;
export default source;
