import * as core from "echarts/core";
import { ParallelChart, ScatterChart, BarChart } from "echarts/charts";
import { ParallelComponent, GridComponent, TooltipComponent, AriaComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
core.use([ParallelChart, ScatterChart, BarChart, ParallelComponent, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);
export const init = core.init;
