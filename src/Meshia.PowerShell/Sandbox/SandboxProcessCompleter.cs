using System.Collections;
using System.Globalization;
using System.Management.Automation.Runspaces;

namespace Meshia.PowerShell;

/// <summary>The processes of the sandboxes that this session runs.</summary>
internal sealed class SandboxProcessCompleter : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) =>
        SandboxProcess.RunningOf(Runspace.DefaultRunspace).Select(id => new Suggestion(id.ToString(CultureInfo.InvariantCulture), "a sandbox of this session"));
}
