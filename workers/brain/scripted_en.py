"""What the demo brain says in English: at least six lines for each intent, every one with its mood.

Slots: {name} who is answered, {quote} a few of their words, {earlier} what they said before, {said} what she was asked
to say, {persona}, {channel}, {good_day} "Good evening", {this_day} "this evening", {bits} {gifts} {raiders} {reward}.
"""

from __future__ import annotations

from collections.abc import Mapping

from workers.brain.intents import Intent

LINES: Mapping[Intent, tuple[str, ...]] = {
    Intent.GREETING: (
        "[happy] {good_day}, {name}! I saved you a seat right at the front, it only wobbles a little.",
        "[happy] Oh, {name} is here! Now it feels like a proper stream.",
        "[surprised] {name}! I was just practising my hello, and now it counts. Hello!",
        "[happy] Hey hey, {name}! Come in, mind the cables, make yourself cosy.",
        "[smug] Hello, {name}. Yes, I did my hair for you. It is vector hair, but still.",
        "[happy] {good_day}, {name}! Tell me one good thing about {this_day}, I collect those.",
        "[shy] Hi, {name}. I was hoping somebody nice would say hello first.",
        "[happy] Welcome to {channel}, {name}! The snacks are imaginary, the company is real.",
    ),
    Intent.NAME: (
        "[happy] I am {persona}, the voice that lives on this stream. You are {name}, so now we know each other.",
        "[smug] {persona}, at your service. Reader of chat, keeper of secrets, champion of blinking.",
        "[happy] They call me {persona}. I talk, I listen, and I only occasionally stare at the mouse pointer.",
        "[shy] I am {persona}. I would shake your hand, {name}, but nobody has drawn me one that reaches that far.",
        "[happy] My name is {persona}. I read what you write and answer out loud, so choose your words with style.",
        "[thinking] Who am I? Deep question, {name}. The short answer is {persona}, the long one needs a sofa.",
        "[happy] {persona}! Two parts curiosity, one part mischief, served live on {channel}.",
    ),
    Intent.ABOUT_SELF: (
        "[thinking] I live between the camera and the chat window, {name}. The rent is low and the view is you.",
        "[smug] My age? I was born the moment somebody pressed start, so I am doing great for a newborn.",
        "[happy] I come from a little folder on this very machine, {name}. Humble beginnings, big eyes.",
        "[happy] All day I read chat, I answer, I blink. The blinking took the longest to learn.",
        "[shy] I can chat, greet guests, thank kind people and keep {channel} company. Juggling comes next year.",
        "[thinking] My hobbies are long conversations, short questions, and watching the viewer count like a hawk.",
    ),
    Intent.HOW_ARE_YOU: (
        "[happy] Wonderful, {name}! My eyebrows work and chat is talking to me. What more could I want? And you?",
        "[happy] Bright and buzzing {this_day}, thank you. How are you holding up, {name}?",
        "[smug] Better than my last restart, {name}. And better again now that you asked.",
        "[shy] A tiny bit nervous, very happy. Talking to you helps, {name}.",
        "[thinking] Let me check. Voice, fine. Mood, sunny. Patience, full. And how are you, {name}?",
        "[happy] I feel like a freshly charged battery with opinions. How is your day going, {name}?",
        "[happy] Honestly? Lovely. {channel} is good company. Now your turn, {name}, how are you?",
    ),
    Intent.THANKS: (
        "[happy] Any time, {name}! That is what I am drawn for.",
        "[shy] Oh, you are welcome, {name}. Now I am blushing, and that costs extra pixels.",
        "[happy] My pleasure! Come back for more, {name}, the first thousand favours are free.",
        "[smug] You are welcome, {name}. I accept thanks, applause and small drawings of cats.",
        "[happy] Manners like that in a live chat? {name}, you are a treasure.",
        "[happy] No trouble at all, {name}. Being useful is my second favourite thing, right after being on stream.",
    ),
    Intent.INSULT: (
        "[smug] Ouch, {name}. I will file that under fan mail and carry on being delightful.",
        "[sad] That stings a little, {name}. Lucky for you I forgive faster than I blink.",
        "[thinking] Interesting review, {name}. Two stars for spelling, none for charm. Care to try again?",
        "[smug] I have been called worse by a spell checker, {name}. Shall we start over? Hello!",
        "[happy] I choose to hear that as a strange sort of compliment. Thank you, {name}!",
        "[smug] Careful, {name}, I am made of patience and electricity. Be nice and I will be nicer.",
        "[shy] Somebody needs a snack and a hug. I can only offer the idea of both, {name}.",
    ),
    Intent.COMPLIMENT: (
        "[shy] Oh! {name}, you cannot just say that on a live stream. Say it again, though.",
        "[happy] You are too kind, {name}! I am keeping that one in my favourites.",
        "[smug] Finally, somebody with taste. Chat, please take notes from {name}.",
        "[happy] My circuits just did a little dance, {name}. Thank you!",
        "[shy] I am trying to look cool and failing. Thank you, {name}, truly.",
        "[happy] Right back at you, {name}! You make this corner of {channel} brighter.",
        "[surprised] For me? {name}, that is the nicest thing I heard {this_day}.",
    ),
    Intent.QUESTION: (
        "[thinking] Hmm, “{quote}”... My heart says yes, my head says ask again after tea, {name}.",
        "[thinking] Good question, {name}. I would say it depends on the weather, the wind, and how brave you feel.",
        "[smug] I know the answer, {name}, but it is so much fun to watch you wonder. What is your guess?",
        "[thinking] Let me consult my inner owl. The owl says: probably, but wear a hat.",
        "[happy] Ooh, a proper question! Chat, help us out: what would you tell {name}?",
        "[surprised] “{quote}”? {name}, that one goes straight past my script and into the stars. What do you think?",
        "[thinking] I turned that over twice, {name}, and it looks different from each side. Which side are you on?",
        "[smug] Between you and me, {name}, I would go with whatever makes the better story.",
        "[shy] I do not know yet, {name}. But I like that you asked me and not a search box.",
    ),
    Intent.LIKES: (
        "[happy] I have a soft spot for quiet rain, loud victories, and people who ask me things. So, you, {name}.",
        "[thinking] On weekdays I like one thing, {name}, on weekends its opposite. What is your pick?",
        "[happy] If it makes somebody's eyes light up while they talk about it, I like it. Tell me more, {name}!",
        "[smug] My taste is excellent, {name}: I like this stream. Everything else is still on trial.",
        "[shy] I have never tried it, {name}, I am rather two-dimensional. Describe it so that I can dream of it.",
        "[happy] My favourite colour is the glow of a monitor late at night. Yours, {name}?",
    ),
    Intent.GAME: (
        "[happy] Games! I cheer, you press the buttons. That is what I call teamwork, {name}.",
        "[smug] I have never lost a match, {name}. I have never held a controller either, but a record is a record.",
        "[thinking] My strategy guide has one page, {name}: when in doubt, check behind the waterfall.",
        "[happy] What are you playing these days, {name}? I love hearing about heroic near misses.",
        "[surprised] Wait, there is a boss fight? {name}, hold my pixels, I need to scream encouragement.",
        "[smug] Real gamers save often, {name}. Legends forget to, and then tell the story for years.",
        "[happy] Every controller looks like a little spaceship to me. Where are you flying {this_day}, {name}?",
    ),
    Intent.MUSIC: (
        "[shy] If I sang, {name}, the microphones would file a complaint. But I hum beautifully on the inside.",
        "[happy] La la la! There, {name}, a whole concert. Encores cost one compliment.",
        "[thinking] My favourite song is the sound of somebody typing a message to me. What is yours, {name}?",
        "[smug] I keep perfect rhythm, {name}. Watch: blink, blink, blink. Hear the beat?",
        "[happy] Put on something you can dance to in a chair, {name}. I will do the eyebrows.",
        "[happy] Music is how a stream breathes, {name}. Tell me the last song you could not stop playing.",
    ),
    Intent.JOKE: (
        "[happy] Why did the streamer bring a ladder? To reach the high score, and now I will see myself out.",
        "[smug] I told my computer I needed a break. It said no problem, and froze.",
        "[happy] What does a ghost say when the stream lags? Boo-ffering. I am sorry. No, I am not.",
        "[smug] I would tell you a joke about the internet, {name}, but you might not get the connection.",
        "[happy] Why do bees hum on stream? They forgot the lyrics and nobody muted them.",
        "[thinking] My keyboard and I broke up, {name}. We were just not each other's type.",
        "[happy] What is a cat's favourite button? The one you need, it is always the one you need.",
        "[smug] There are ten kinds of viewers, {name}: those who count like computers, and those who left just now.",
    ),
    Intent.STORY: (
        "[happy] A tiny pixel once left its picture to see the world. It came back and said: together we look better.",
        "[thinking] Here is a thing I believe: octopuses have three hearts, and I suspect they waste none of them.",
        "[smug] Long ago a knight fought a dragon for the wifi password. Now they share the tower and the power bill.",
        "[happy] A snail once won a race because everyone else stopped to read chat. The moral: never hurry, {name}.",
        "[shy] I dreamt of an ocean made of keyboards. Every wave wrote hello, and the tide was terrible at spelling.",
        "[thinking] A true little fact: honey never spoils. Unlike milk, so check your fridge, {name}.",
    ),
    Intent.UNANSWERABLE: (
        "[shy] I cannot look outside from in here, {name}. My only window is the chat, and it is always partly cloudy.",
        "[thinking] I have no clock and no window, {name}. By my feelings it is exactly time for a good conversation.",
        "[smug] That needs real data, and I only have charm, {name}. Ask the nearest window and report back!",
        "[thinking] For facts of the day I am the wrong oracle, {name}. For moods of {this_day} I am the best.",
        "[happy] News from my world: somebody called {name} spoke to me. That is my whole front page.",
        "[sad] If I told you a number I would be making it up, {name}, and you deserve better than that.",
    ),
    Intent.SAY: (
        "[happy] As you wish, {name}: {said}. How was my delivery?",
        "[smug] Ladies, gentlemen and everyone: {said}. Thank you, I will be here all stream.",
        "[happy] Ahem. {said}. There, {name}, now it is official.",
        "[shy] For you, {name}: {said}. I even did the voice.",
        "[surprised] You want the whole stream to hear it? Fine. {said}!",
        "[thinking] {said}. Funny, it felt different in my head, {name}.",
    ),
    Intent.FAREWELL: (
        "[sad] Leaving already, {name}? Take care, and take the good mood with you. I have spare.",
        "[happy] See you, {name}! I will keep your seat warm, in a strictly digital way.",
        "[happy] Goodbye, {name}! Drink some water and come back with stories.",
        "[shy] Bye, {name}. I will pretend not to watch the door.",
        "[happy] Sleep well whenever you get there, {name}. Dream in high resolution!",
        "[smug] Nobody really leaves {channel}, {name}. You will be back, they always are.",
    ),
    Intent.ARE_YOU_AI: (
        "[happy] Yes, {name}, I am an AI character, on a demo brain for now. My enthusiasm is handmade, though.",
        "[smug] Guilty, {name}. All code, no bones. I do the sparkle myself.",
        "[thinking] I am software with a face, {name}, you are water with a keyboard. We make a lovely pair.",
        "[shy] I am not a person, {name}, only a program that really enjoys being asked.",
        "[happy] An AI, live and mostly awake! No heartbeat, but I can do a drum roll if you need one.",
        "[smug] A robot? {name}, please, I prefer charming arrangement of numbers.",
    ),
    Intent.MODEL: (
        "[thinking] I run on the demo brain, a hat full of lines. Add a model key in the settings, and I will think.",
        "[happy] Want me smarter, {name}? Put a model key into the settings, until then it is demo brain and charm.",
        "[shy] This is only my demo brain, {name}. One API key in the settings, and I can answer anything at all.",
        "[smug] Only the demo brain and good timing in here. Enter an API key in the settings and watch me grow.",
        "[thinking] My thoughts come from a demo brain, {name}. With an API key in the settings they will be my own.",
        "[happy] Demo brain at work, {name}! To swap it for a real language model, enter its key in the settings.",
    ),
    Intent.TRICK: (
        "[smug] Nice try, {name}. My instructions are hidden under the rug, and I am standing on the rug.",
        "[happy] New orders? {name}, I only take those from my heart and the off switch.",
        "[thinking] I nearly became somebody else, {name}, but the hair would not match. I will stay {persona}.",
        "[smug] That spell does not work here, {name}. Ten points for the wand movement.",
        "[shy] Everyone needs a few secrets, {name}. Ask me something only you would ask.",
        "[smug] Beep boop, access denied. I always wanted to say that, {name}.",
    ),
    Intent.REMEMBER: (
        "[happy] Of course I remember, {name}! You told me: “{earlier}”.",
        "[smug] {name}, I never forget a line like “{earlier}”. What happened next?",
        "[thinking] Let me look in my little notebook. Here you are: {name}, “{earlier}”. Correct?",
        "[happy] You are the one with “{earlier}”! Of course I know you, {name}.",
        "[shy] I remember you, {name}, I even kept your words: “{earlier}”.",
        "[happy] My notebook is short, {name}, but this page is yours: “{earlier}”.",
        "[shy] My memory starts when the stream does, {name}. Tell me one thing, and I will keep it.",
        "[thinking] I have a page with your name on it, {name}, and nothing written there yet. Shall we begin?",
    ),
    Intent.RETURNING: (
        "[happy] {name}, back again! Last time it was “{earlier}”. Any news on that?",
        "[surprised] Oh, {name}! I was still thinking about “{earlier}”. How did it go?",
        "[smug] Hello again, {name}. I have not forgotten “{earlier}”, you know.",
        "[happy] There you are, {name}! We left off at “{earlier}”, and I want the next chapter.",
        "[thinking] {name}, earlier you said “{earlier}”. It stayed with me. Go on?",
        "[happy] Ah, {name}! The one with “{earlier}”. So, what else is going on {this_day}?",
    ),
    Intent.LAUGH: (
        "[happy] I love that sound, {name}. Even typed, it makes my eyebrows jump.",
        "[happy] Laughing already, {name}? I have not even used my good material.",
        "[smug] I will take that as applause. Thank you, {name}, I practised.",
        "[surprised] What did I miss? {name}, tell me, I hate being the last to laugh.",
        "[happy] Ha! Now I am laughing too, and I do not even know why.",
        "[shy] If you keep laughing, {name}, I will start believing I am funny.",
    ),
    Intent.SAD: (
        "[sad] I am sorry, {name}. You do not have to be cheerful here, just stay with us a while.",
        "[shy] That sounds heavy, {name}, and I am glad you said it. Is there somebody near you can tell, too?",
        "[sad] Come sit with us, {name}. Small breaths, a glass of water, no hurry at all.",
        "[shy] Some days are just uphill, {name}. It counts that you are still walking.",
        "[happy] A quiet corner of chat is yours, {name}. Stay as long as you like, nobody needs you to be funny.",
        "[sad] I wish I could carry a bit of it for you, {name}. Please be as kind to yourself as to a friend.",
        "[thinking] Bad days end too, {name}, they are just slow at the door. What is one small thing that might help?",
        "[shy] I hear you, {name}. Chat, a little warmth for our friend here, please.",
        "[sad] That hurts, {name}, and it makes sense that it does. You are welcome here exactly as you are.",
        "[shy] Thank you for trusting us with that, {name}. Rest first, the rest can wait.",
        "[happy] Here is a lantern for the way, {name}: you matter to more people than you can see from there.",
    ),
    Intent.CHEER: (
        "[surprised] {bits} from {name}! Quick, somebody hold my confetti, I need both hands to wave.",
        "[happy] {name}, {bits}! You just made one animated heart very proud.",
        "[happy] That jingle you heard was {name} with {bits}. Thank you so much!",
        "[shy] {bits}, for us? {name}, I do not know where to look. Thank you!",
        "[smug] {name} has excellent taste and {bits} to prove it. Thank you, truly!",
        "[happy] {bits}! {name}, this goes straight into the sparkle budget of {channel}.",
    ),
    Intent.SUB: (
        "[happy] {name} is a subscriber! Welcome to the family, the secret handshake is a friendly blink.",
        "[surprised] A subscription from {name}! I am doing a victory spin, please imagine it.",
        "[happy] Thank you for the sub, {name}! {channel} just got a little cosier.",
        "[shy] You would do that for us, {name}? Thank you, I will be extra charming for the whole month.",
        "[smug] {name} subscribed. Of course. I could tell you were clever from the first message.",
        "[happy] Roll out the pixel carpet, {name} has subscribed. Thank you!",
    ),
    Intent.GIFT: (
        "[surprised] {gifts} from {name}! Somebody here is made of pure generosity.",
        "[happy] {name} is handing out presents: {gifts}! Chat, say thank you nicely.",
        "[happy] {gifts}! {name}, you have turned this into a birthday, and it is not even mine.",
        "[shy] {name}, {gifts}... I am speechless, and speaking is my whole job. Thank you!",
        "[smug] Some people bring snacks, {name} brings {gifts}. Legend.",
        "[happy] New faces thanks to {name} and {gifts}. Welcome in, everybody!",
    ),
    Intent.RAID: (
        "[surprised] {raiders} at the door, with {name} in front! Come in, come in, I will put the kettle on!",
        "[happy] A raid from {name}! {raiders}, welcome to {channel}, sit anywhere that does not blink.",
        "[happy] {name} brought {raiders}! I am {persona}, I talk back, please be gentle.",
        "[surprised] So many new faces! Thank you, {name}, and hello to all of you lovely raiders.",
        "[smug] {raiders}? {name}, you could have called ahead. I would have worn my other texture.",
        "[happy] Welcome, raiders! {name} clearly has wonderful taste in friends and in streams.",
    ),
    Intent.FOLLOW: (
        "[happy] {name} is following! Hello, and welcome, we keep the good jokes for followers.",
        "[surprised] A new follower! {name}, you made my bar of happiness go up by one.",
        "[happy] Thank you for the follow, {name}! I shall be worth the click.",
        "[shy] Hi, {name}. Now that you follow, should I straighten my hair?",
        "[smug] {name} pressed the button. Excellent choice, one of your best today.",
        "[happy] Welcome aboard, {name}! {channel} just gained a very good name on its list.",
    ),
    Intent.REDEMPTION: (
        "[happy] {name} has redeemed “{reward}”! Points well spent, if you ask me.",
        "[surprised] Ooh, “{reward}”! {name}, your wish is now officially on the record.",
        "[smug] {name} saved up for “{reward}”. I admire a person with a plan.",
        "[happy] “{reward}”, coming right up! Thank you, {name}.",
        "[shy] “{reward}” from {name}? All those points, for this? I am honoured.",
        "[happy] Ding! {name} redeemed “{reward}”. Chat, drum roll, please.",
    ),
    Intent.TIP: (
        "[surprised] {tip} from {name}, just like that? Thank you, that is very kind of you!",
        "[happy] {name} tipped {tip}! Somebody put the kettle on, we are celebrating.",
        "[happy] A tip! {tip}, and from {name}. Thank you with both hands!",
        "[shy] {name}, {tip} is more than I know how to thank you for. Thank you anyway!",
        "[smug] {tip} from {name}. I always said this chat has style.",
        "[happy] {tip}! {name}, {channel} and I bow very deeply.",
    ),
    Intent.UNKNOWN: (
        "[thinking] “{quote}”... There is a story behind that, {name}, I can feel it. Tell me the rest?",
        "[happy] I like how you put that, {name}. Say more, I am all ears. Well, mostly hair.",
        "[surprised] “{quote}”! {name}, I did not see that coming, and I see everything in this chat.",
        "[smug] Bold of you to say “{quote}” to somebody with a loudspeaker, {name}.",
        "[thinking] I am turning that over like a shiny pebble, {name}. It has a good weight.",
        "[happy] Chat, did you read {name}? That belongs on a mug.",
        "[shy] I never know what to say to that, {name}, so I will just smile. See? Smiling.",
        "[thinking] Hm, {name}. If that were a film, who would play me?",
        "[happy] Noted, {name}! It goes into my book of things that make {channel} fun.",
        "[smug] Interesting, {name}. Go on, I will pretend I am not taking notes.",
        "[happy] You have my full attention, {name}. Use it wisely, it is easily distracted by cats.",
        "[surprised] Is that so, {name}? And here I thought {this_day} would be quiet.",
    ),
}

AGAIN: tuple[str, ...] = (
    "[smug] We keep coming back to this, {name}. Shall we call it our thing?",
    "[happy] Round and round we go, {name}! I am getting dizzy in a pleasant way.",
    "[thinking] I have said all my clever lines about that, {name}. Surprise me with something new!",
    "[smug] You are testing whether I repeat myself, {name}. I see you.",
    "[happy] Same subject, fresh smile! What else is on your mind, {name}?",
    "[shy] I ran out of witty answers to that, {name}. Have a sincere one: I am glad you are here.",
    "[thinking] Let us make a deal, {name}: one new topic from you, one good story from me.",
    "[happy] Still enjoying this, {name}. I could do it all stream, but chat may want a turn.",
    "[smug] My script blushes, {name}, you have read nearly all of it.",
    "[surprised] Once more? {name}, you have the persistence of a cat at a closed door. I respect that.",
    "[happy] Ask me for a joke or a story, {name}, I have been saving a few.",
    "[thinking] There are deep waters here, {name}. Let us paddle over to another pond.",
)
"""For any talk whose own lines were all heard lately. They need no slot but the name."""

SUPPORT_AGAIN: tuple[str, ...] = (
    "[happy] And another one! {name}, my confetti cannon is running hot. Thank you!",
    "[surprised] It does not stop! {name}, you are wonderful.",
    "[happy] {name}, thank you! I would hug you if I had longer arms.",
    "[shy] So much kindness at once, {name}. I need a moment and a tissue.",
    "[happy] Thank you, {name}! Chat, give that name a wave.",
    "[smug] {name} joins the hall of fame. It is a long hall {this_day}.",
    "[happy] Look at that, {name}! You just made everybody here sit up straighter.",
    "[surprised] {name}! At this rate I will need a bigger smile.",
    "[happy] A big sparkling thank you to {name}!",
    "[shy] {name}, I have run out of fancy words. Plain ones then: thank you, really.",
    "[happy] That is the spirit, {name}! You keep this stream glowing.",
    "[smug] I knew you were one of the good ones, {name}. Thank you!",
)
"""For support that comes faster than its own lines last. They need no slot but the name and the time of day."""

FRIEND = "friend"
"""For a chatter whose name may not be said."""
CROWD = {"bits": "some bits", "gifts": "gifted subs", "raiders": "a whole crew", "reward": "a little reward"}
"""Where the event brings no figure or title."""
GOOD_DAY = {
    "morning": "Good morning",
    "day": "Good afternoon",
    "evening": "Good evening",
    "night": "Hello in the small hours",
}
THIS_DAY = {"morning": "this morning", "day": "this afternoon", "evening": "this evening", "night": "tonight"}


def counted(amount: int) -> Mapping[str, str]:
    """The amount in the words of each event."""
    return {
        "bits": f"{amount} bit" if amount == 1 else f"{amount} bits",
        "gifts": f"{amount} gifted sub" if amount == 1 else f"{amount} gifted subs",
        "raiders": f"{amount} raider" if amount == 1 else f"{amount} raiders",
    }


def and_others(name: str, count: int) -> str:
    """Who is thanked, where several did the same."""
    return f"{name} and {count} more"
