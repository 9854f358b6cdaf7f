namespace Meshia.Tests;

/// <summary>Checks each item of a collection. Unlike <c>Assert.All</c>, it fails where there is none, since then nothing was checked.</summary>
internal static class Each
{
    /// <param name="items">What is checked.</param>
    /// <param name="check">Fails for an item that is wrong.</param>
    public static void Of<T>(IEnumerable<T> items, Action<T> check)
    {
        var all = items.ToList();
        Assert.NotEmpty(all);
#pragma warning disable RS0030 // The one place that knows that there is something to check.
        Assert.All(all, check);
#pragma warning restore RS0030
    }
}
