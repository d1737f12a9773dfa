declare const data: [string, [string, number, string][]][];
export default data;
