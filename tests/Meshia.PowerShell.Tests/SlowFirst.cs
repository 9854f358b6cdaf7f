using Meshia.PowerShell.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(SlowFirst))]

namespace Meshia.PowerShell.Tests;

/// <summary>Starts the classes that take the longest first, so that at the end no processor waits for one of them.</summary>
public sealed class SlowFirst : ITestCollectionOrderer
{
    private static readonly string[] _slow =
    [
        nameof(ProxySecretTests), nameof(OnceProcessTests), nameof(SharedPackages), nameof(CmdletMatrixTests), nameof(ViewTests), nameof(SandboxCmdletTests), nameof(ExampleScriptTests), nameof(SecretTests), nameof(SurroundingsTests),
        nameof(CodePageTests), nameof(OutputTypeTests), nameof(BadInputTests), nameof(GuideTests), nameof(GateTests), nameof(StopTests), nameof(HistoryPageTests), nameof(ProxyTests), nameof(RunbookTests),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(_slow, name => collection.TestCollectionDisplayName is var shown && (shown == name || shown.Contains($".{name} ", StringComparison.Ordinal))) is var place and >= 0 ? place : _slow.Length)];
}
