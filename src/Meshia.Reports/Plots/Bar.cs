namespace Meshia.Reports;

/// <summary>One bar of a plot.</summary>
/// <param name="Label">What it is of.</param>
/// <param name="Value">Its length, a number that can be drawn.</param>
/// <param name="Text">The value as it is written beside it.</param>
/// <param name="Mark">What is special about it.</param>
internal sealed record Bar(string Label, double Value, string Text, BarMark Mark);

/// <summary>What is special about a bar; it is drawn in a colour of its own.</summary>
internal enum BarMark
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is the best.</summary>
    Best,

    /// <summary>The others are measured against it.</summary>
    Baseline,
}
