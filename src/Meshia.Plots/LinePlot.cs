using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Meshia.Plots;

/// <summary>Histories as lines over their steps. A step without a number is a gap.</summary>
internal static class LinePlot
{
    /// <summary>How many lines can be told apart.</summary>
    public const int MostLines = 8;

    private const double Height = 280;

    /// <summary>More points than this lie in the same place of the picture.</summary>
    private const int MostPoints = 640;

    /// <summary>A range that is a smaller share of the numbers cannot be drawn as one.</summary>
    private const double SmallestShare = 1e-9;

    /// <summary>Draws them.</summary>
    /// <param name="lines">The numbers of each line, <see cref="MostLines"/> lines at most.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    public static XElement Draw(IReadOnlyList<IReadOnlyList<double>> lines, string id)
    {
        var numbers = lines.SelectMany(line => line).Where(number => !double.IsNaN(number)).ToList();
        var (low, high) = numbers.Count > 0 ? (numbers.Min(), numbers.Max()) : (0, 1);
        var largest = Math.Max(Math.Abs(low), Math.Abs(high));
        var room = high - low > largest * SmallestShare ? (high - low) * 0.05 : largest > 0 ? largest * 0.1 : 1;
        var model = new PlotModel();
        var steps = Axis(AxisPosition.Bottom, 0, Math.Max(1, lines.Max(line => line.Count) - 1));
        steps.MinimumMajorStep = 1;
        model.Axes.Add(steps);
        model.Axes.Add(Axis(AxisPosition.Left, low - room, high + room));
        for (var number = 0; number < lines.Count; number++)
        {
            var series = new LineSeries { Color = Drawing.Stroke(number), StrokeThickness = 2 };
            series.Points.AddRange(Thinned(lines[number]));
            model.Series.Add(series);
        }

        return Drawing.Export(model, Height, id);
    }

    private static LinearAxis Axis(AxisPosition position, double low, double high) => new()
    {
        Position = position,
        Minimum = low,
        Maximum = high,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = Drawing.Grid,
        TickStyle = TickStyle.None,
    };

    /// <summary>The points of a line; of a long one the smallest and the largest in each stretch, so that no peak is lost.</summary>
    private static IEnumerable<DataPoint> Thinned(IReadOnlyList<double> line)
    {
        var stretch = line.Count <= MostPoints ? 1 : (int)Math.Ceiling(line.Count * 2.0 / MostPoints);
        for (var start = 0; start < line.Count; start += stretch)
        {
            var steps = Enumerable.Range(start, Math.Min(stretch, line.Count - start)).OrderBy(step => line[step]).ToList();
            foreach (var step in stretch == 1 ? steps : [.. new[] { steps[0], steps[steps.Count - 1] }.OrderBy(step => step)])
                yield return new(step, line[step]);
        }
    }
}
