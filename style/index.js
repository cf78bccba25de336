import './base.css';
import './browser.css';
import './viewer.css';
