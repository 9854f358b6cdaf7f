using System.Collections;
using System.Globalization;

namespace Meshia.PowerShell;

/// <summary>The processes of the sandboxes that this session knows.</summary>
internal sealed class SandboxProcessCompleter : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) => KnownSandboxes.All().Select(sandbox =>
        Suggestion.Of(sandbox.ProcessId.ToString(CultureInfo.InvariantCulture), sandbox.BaseUri.AbsoluteUri, sandbox.IsDetached ? "detached" : "of this session", sandbox.DataPath));
}

/// <summary>The addresses of the sandboxes that this session knows.</summary>
internal sealed class SandboxAddressCompleter : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) => KnownSandboxes.All().Select(sandbox =>
        Suggestion.Of(sandbox.BaseUri.AbsoluteUri, sandbox.IsDetached ? "detached" : "of this session", sandbox.DataPath));
}
