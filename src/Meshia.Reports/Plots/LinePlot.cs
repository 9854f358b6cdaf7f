using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Meshia.Reports;

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

    /// <summary>Whether an axis can go from the first step to the last.</summary>
    /// <param name="steps">The steps of each line, in ascending order.</param>
    public static bool CanDrawOver(IReadOnlyList<IReadOnlyList<double>> steps)
    {
        var (first, last) = Ends(steps);
        return last - first > Math.Max(Math.Abs(first), Math.Abs(last)) * SmallestShare;
    }

    /// <summary>Draws them.</summary>
    /// <param name="lines">The numbers of each line, <see cref="MostLines"/> lines at most.</param>
    /// <param name="steps">The step of each number; null if they are counted from zero.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    /// <param name="description">The text for a screen reader.</param>
    public static string Draw(IReadOnlyList<IReadOnlyList<double>> lines, IReadOnlyList<IReadOnlyList<double>>? steps, string id, string description)
    {
        var numbers = lines.SelectMany(line => line).Where(number => !double.IsNaN(number)).ToList();
        var (low, high) = numbers.Count > 0 ? (numbers.Min(), numbers.Max()) : (0, 1);
        var largest = Math.Max(Math.Abs(low), Math.Abs(high));
        var room = high - low > largest * SmallestShare ? (high - low) * 0.05 : largest > 0 ? largest * 0.1 : 1;
        var model = new PlotModel();
        var (first, last) = steps is null ? (0, Math.Max(1, lines.Max(line => line.Count) - 1)) : Ends(steps);
        var across = Axis(AxisPosition.Bottom, first, last);
        if (steps is null)
            across.MinimumMajorStep = 1;
        model.Axes.Add(across);
        model.Axes.Add(Axis(AxisPosition.Left, low - room, high + room));
        for (var number = 0; number < lines.Count; number++)
        {
            var series = new LineSeries { Color = Drawing.Stroke(number), StrokeThickness = 2 };
            series.Points.AddRange(Thinned(lines[number]).Select(place => new DataPoint(steps is null ? place : steps[number][place], lines[number][place])));
            model.Series.Add(series);
        }

        return Drawing.Draw(model, Height, id, description);
    }

    private static (double First, double Last) Ends(IReadOnlyList<IReadOnlyList<double>> steps) => (steps.Min(line => line[0]), steps.Max(line => line[line.Count - 1]));

    private static LinearAxis Axis(AxisPosition position, double low, double high) => new()
    {
        Position = position,
        Minimum = low,
        Maximum = high,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = Drawing.Grid,
        TickStyle = TickStyle.None,
    };

    /// <summary>The places of a line's points; of a long one those of the smallest and the largest in each stretch, so that no peak is lost.</summary>
    private static IEnumerable<int> Thinned(IReadOnlyList<double> line)
    {
        var stretch = line.Count <= MostPoints ? 1 : (int)Math.Ceiling(line.Count * 2.0 / MostPoints);
        for (var start = 0; start < line.Count; start += stretch)
        {
            var places = Enumerable.Range(start, Math.Min(stretch, line.Count - start)).OrderBy(place => line[place]).ToList();
            foreach (var place in stretch == 1 ? places : [.. new[] { places[0], places[places.Count - 1] }.OrderBy(place => place)])
                yield return place;
        }
    }
}
