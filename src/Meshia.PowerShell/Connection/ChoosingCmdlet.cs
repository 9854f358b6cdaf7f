using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell;

/// <summary>
/// A cmdlet that chooses the account of this session. From its beginning until it has succeeded nothing is connected, so
/// that a script which continues after a choice that failed does not act as another account.
/// </summary>
public abstract class ChoosingCmdlet : AsyncCmdlet
{
    private Action? _withdraw;
    private bool _hasBegun;

    /// <summary>Whether the parameters ask for a choice at all.</summary>
    private protected virtual bool Chooses => true;

    /// <summary>The switch that asks for a choice; null if the command always is one.</summary>
    private protected virtual string? ChoosingSwitch => null;

    private string Command => ChoosingSwitch is null ? MyInvocation.MyCommand.Name : $"{MyInvocation.MyCommand.Name} -{ChoosingSwitch}";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _hasBegun = true;
        if (Chooses)
            _withdraw = CurrentConnection.BeginChoice(Command);
        // -WhatIf changes nothing, whatever the result.
        if (IsTrial)
            WithdrawChoice();
    }

    /// <summary>Nobody wants the choice any more: the account stays what it was.</summary>
    private protected void WithdrawChoice() => _withdraw?.Invoke();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The parameters did not bind, as with -ApiKey $env:UNSET: PowerShell continues, and the choice has failed.
        if (disposing && !_hasBegun && MyInvocation?.MyCommand is not null && MayChoose)
            CurrentConnection.BeginChoice(Command);
        _hasBegun = true;
        base.Dispose(disposing);
    }

    private bool IsTrial => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? LanguagePrimitives.IsTrue(given)
        : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <summary>Of parameters that did not bind only the line is known; those of a splatted table are not on it.</summary>
    private bool MayChoose => ChoosingSwitch is null || Chooses || Regex.IsMatch(MyInvocation.Line ?? "", $"-{ChoosingSwitch[0]}|@", RegexOptions.IgnoreCase);
}
